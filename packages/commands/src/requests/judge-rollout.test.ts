import { replicaName, type Rollout } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import {
  AT,
  because,
  clusterOf,
  entry,
  M1,
  machine,
  release,
  rollout,
  ROLLOUT,
  service,
  state,
  WEB,
  write,
} from "../testing/seed-cluster.ts";
import { judgeRollout } from "./judge-rollout.ts";

const step = { machine: M1, startedAt: AT, healthySince: null, reason: null };
const web = (index: number) => replicaName(WEB, index);
const PULLED = "web@1.service on m1 was not healthy within 30 s: health failing: HTTP 500";

const judge = async (options: Partial<Rollout>, seconds: number, health: Parameters<typeof state>[2] = {}) => {
  const etcd = await clusterOf(
    machine(M1),
    service({ release: 2 }),
    release(1, "1.1.0"),
    release(2, "1.2.0"),
    rollout({ release: 2, version: "1.2.0", previous: 1, ...options }),
  );
  const entryRevision = await write(etcd, entry(M1, web(1), "1", { release: 2 }));
  await write(etcd, state(M1, web(1), { release: 2, entryRevision, ...health }));
  const facts = deriveFacts(await etcd.snapshot(FACT_PREFIXES, AbortSignal.timeout(5000)));
  return judgeRollout(ROLLOUT)(facts, 0, Date.parse(AT) + seconds * 1000);
};

const underWay: Rollout["steps"] = [
  { ...step, unit: web(1), state: "updating" },
  { ...step, unit: web(2), state: "pending", machine: null, startedAt: null },
];

test("while a replica is under way its name, machine, time and its check's last answer are told", async () => {
  const failing = { health: "failing", healthDetail: "HTTP 500" } as const;
  expect(await judge({ steps: underWay }, 12, failing)).toMatchObject({
    kind: "waiting",
    text: "0 of 2 done; web@1 on m1, 10 s: its check fails: HTTP 500",
    steps: [
      { label: "web@1 on m1", state: "active", detail: "for 10 s: its check fails: HTTP 500" },
      { label: "web@2", state: "pending", detail: "" },
    ],
  });
  expect(await judge({ steps: underWay }, 1, { release: 1 })).toMatchObject({
    text: "0 of 2 done; web@1 on m1: is being started",
  });
  const same = { release: 1, incarnation: "1" as never };
  expect(await judge({ steps: underWay }, 1, same)).toMatchObject({
    text: "0 of 2 done; web@1 on m1: runs 1.2.0 already",
  });
  expect(await judge({ steps: underWay }, 1, { ...same, generation: 0 })).toMatchObject({
    text: "0 of 2 done; web@1 on m1: is being started",
  });
  expect(await judge({ steps: underWay }, 1, { entryRevision: null, health: "passing" })).toMatchObject({
    text: "0 of 2 done; web@1 on m1: is being replaced",
  });
});

test("time that passes and a check that goes on failing are no progress", async () => {
  const [early, late] = [
    await judge({ steps: underWay }, 5),
    await judge({ steps: underWay }, 25, { health: "failing", healthDetail: "HTTP 500" }),
  ];
  expect(early).not.toEqual(late);
  expect(early).toHaveProperty("mark", (late as { mark?: string }).mark);
});

test("a failed rollout says its reason once, who was not touched, and the way back", async () => {
  const verdict = await judge(
    {
      state: "failed",
      reason: because("ROLLOUT_UNHEALTHY", `${PULLED}; stopped after 0 of 2`),
      steps: [
        { ...step, unit: web(1), state: "failed", reason: because("ROLLOUT_UNHEALTHY", PULLED) },
        { ...step, unit: web(2), state: "pending", machine: null },
      ],
    },
    40,
  );
  expect(verdict).toMatchObject({
    kind: "failed",
    steps: [
      { label: "web@1 on m1", state: "failed", detail: "" },
      { label: "web@2", state: "untouched", detail: "still 1.1.0" },
    ],
    problem: {
      message: `web 1.2.0 was not rolled out: ${PULLED}; stopped after 0 of 2`,
      why: "1 of 2 replicas still run 1.1.0",
      try: "fleet deploy web 1.1.0",
    },
  });
});

test("a replica that is well is told without its name twice", async () => {
  const steps: Rollout["steps"] = [
    {
      ...step,
      unit: web(1),
      state: "healthy",
      reason: because("ROLLOUT_STEP", "web@1.service on m1 was healthy for 2 s"),
    },
  ];
  expect(await judge({ steps, state: "done" }, 9)).toMatchObject({
    kind: "true",
    text: "1 of 1 replicas run 1.2.0",
    steps: [{ label: "web@1 on m1", state: "done", detail: "healthy for 2 s" }],
  });
});
