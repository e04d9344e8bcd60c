import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { because, clusterOf, machine, M1, ROLLOUT, rollout, service, write } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();
const cluster = async () => clusterOf(machine(M1), service());

test("a deploy is done when its rollout is, and its document has exactly these keys", async () => {
  const etcd = await cluster();
  const asked = fakeEngine(
    etcd,
    async () => {
      await write(etcd, rollout());
      setTimeout(() => void write(etcd, rollout({ state: "done", steps: [], reason: because("ROLLOUT_DONE") })), 0);
      const reason = because("ROLLOUT_STEP", "web 1.0.0: 2 to replace, 1 at a time");
      return { changed: ["web"], rollout: ROLLOUT, release: 1, reason };
    },
    signal,
  );
  const { view, progress } = await run(
    fakeContext(etcd),
    "deploy",
    "web",
    "1.0.0",
    "--max-parallel",
    "50%",
    "--allow-tag",
  );
  expect(view.exitCode).toBe(0);
  expect(view.json).toEqual({
    request: "request-1",
    rollout: ROLLOUT,
    service: "web",
    release: 1,
    version: "1.0.0",
    state: "done",
    reason: "ROLLOUT_DONE",
  });
  expect(asked[0]?.action).toEqual({
    verb: "deploy",
    service: "web",
    version: "1.0.0",
    maxParallel: 1,
    canary: null,
    allowTag: true,
  });
  expect(progress.flatMap((one) => one.blocks)).toContainEqual({
    kind: "steps",
    items: [
      { label: "web@1 on m1", state: "done", detail: "" },
      { label: "web@2 on m1", state: "active", detail: "is being placed" },
    ],
  });
});

test("a rollout that failed says at which replica and why, and shows its last words", async () => {
  const etcd = await cluster();
  fakeEngine(
    etcd,
    async () => {
      const step = {
        unit: "web@1.service" as never,
        machine: M1,
        startedAt: null,
        healthySince: null,
        state: "failed" as const,
        reason: because("ROLLOUT_UNHEALTHY", "HTTP 500 for 60 s"),
      };
      await write(
        etcd,
        rollout({
          state: "failed",
          steps: [step],
          reason: because("ROLLOUT_UNHEALTHY", "web@1.service did not become healthy"),
        }),
      );
      return { changed: ["web"], rollout: ROLLOUT, release: 1 };
    },
    signal,
  );
  const { view } = await run(fakeContext(etcd), "deploy", "web", "1.2.0");
  expect(view.exitCode).toBe(1);
  expect(codeOf(view)).toBe("ROLLOUT_FAILED");
  expect(view.json).toMatchObject({
    state: "failed",
    rollout: ROLLOUT,
    reason: expect.stringContaining("HTTP 500 for 60 s"),
    error: { code: "ROLLOUT_FAILED", try: "fleet journal web@1.service" },
  });
  expect(textOf(view)).toContain("web@1.service says hello");
});

test("what docker says while it pulls an image is not shown for the replica's last words", async () => {
  const etcd = await cluster();
  const steps = [
    {
      unit: "web@1.service" as never,
      machine: M1,
      startedAt: null,
      healthySince: null,
      state: "failed" as const,
      reason: null,
    },
  ];
  fakeEngine(
    etcd,
    async () => (
      await write(etcd, rollout({ state: "failed", steps })),
      { changed: ["web"], rollout: ROLLOUT, release: 1 }
    ),
    signal,
  );
  const agent = {
    async *journal() {
      yield "Nov 24 03:00:01 m1 docker[1]: Unable to find image 'registry.lab:5000/web@sha256:ab' locally";
      yield "Nov 24 03:00:01 m1 docker[1]: registry.lab:5000/web@sha256:ab: Pulling from web";
      yield "Nov 24 03:00:01 m1 docker[1]: 0123456789ab: Pull complete";
      yield "Nov 24 03:00:01 m1 docker[1]: Digest: sha256:0123";
      yield "Nov 24 03:00:02 m1 docker[1]: database is missing";
    },
    status: async () => "",
  };
  const { view } = await run(fakeContext(etcd, { agent }), "deploy", "web", "1.2.0");
  expect(view.blocks).toContainEqual({
    kind: "code",
    language: "text",
    text: "Nov 24 03:00:02 m1 docker[1]: database is missing",
  });
});

test("the version that runs already is unchanged", async () => {
  const etcd = await cluster();
  fakeEngine(etcd, async () => ({ changed: [], rollout: null, release: 1 }), signal);
  expect((await run(fakeContext(etcd), "deploy", "web", "1.0.0")).view).toMatchObject({
    exitCode: 0,
    json: { state: "unchanged", rollout: null, release: 1 },
  });
});

test("a rollout without progress is given up waiting for, and goes on", async () => {
  const etcd = await cluster();
  fakeEngine(
    etcd,
    async () => (await write(etcd, rollout()), { changed: ["web"], rollout: ROLLOUT, release: 1 }),
    signal,
  );
  const context = fakeContext(etcd);
  const began = context.clock.now();
  const { view } = await run(context, "deploy", "web", "1.0.0");
  expect(view).toMatchObject({
    exitCode: 6,
    json: { state: "running", rollout: ROLLOUT, error: { code: "TIMED_OUT" } },
  });
  expect(context.clock.now() - began).toBeGreaterThanOrEqual(600_000);
});

test.each([
  [["web", "1.0.0;reboot"], "INVALID_VERSION"],
  [["web", "-1"], "INVALID_VERSION"],
  [["webb", "1.0.0"], "NOT_FOUND"],
  [["we/b", "1.0.0"], "INVALID_NAME"],
  [["web", "1.0.0", "--max-parallel", "0"], "USAGE"],
  [["web", "1.0.0", "--max-parallel", "200%"], "USAGE"],
  [["web", "1.0.0", "--canary", "some"], "USAGE"],
])("deploy %j is refused with %s and asks nothing of the engine", async (words, code) => {
  const etcd = await cluster();
  const { view } = await run(fakeContext(etcd), "deploy", ...words);
  expect(codeOf(view)).toBe(code);
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
});
