import { keys } from "@quarterdeck/etcd";
import type { RolloutId } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { applyDeploy, checkDeploy, type DeployAction } from "./apply-deploy.ts";
import { hashText } from "./hash-text.ts";
import {
  entryFacts,
  M1,
  name,
  NOW,
  presenceFacts,
  requestFacts,
  serviceFacts,
  stateFacts,
  unitFacts,
  web,
  WEB_TEXT,
} from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const IMAGE = `registry.lab:5000/web@sha256:${"a".repeat(64)}`;
const pinned = { image: IMAGE, pinned: true };

const deploy = (changes: Partial<DeployAction> = {}): DeployAction => ({
  verb: "deploy",
  service: web,
  version: "1.0.0",
  maxParallel: null,
  canary: null,
  allowTag: false,
  ...changes,
});

const run = (view: Awaited<ReturnType<typeof viewOf>>, action = deploy(), image = pinned) =>
  applyDeploy(view, { request: requestFacts(action), action, pinned: image }, NOW);

function written(decision: ReturnType<typeof run>, path: string): unknown {
  const put = decision.ok ? decision.value.then.find((operation) => operation.path.startsWith(path)) : undefined;
  return put?.kind === "put" ? JSON.parse(put.json) : null;
}

const oneReplica = { ...serviceFacts().deploy, replicas: 1 };
const serving = (health: "passing" | "failing") => [
  stored(keys.service(web), serviceFacts({ release: 1, deploy: oneReplica })),
  stored(keys.release(web, 1), {
    v: 1 as const,
    service: web,
    number: 1,
    version: "1.0.0",
    image: IMAGE,
    hash: hashText(WEB_TEXT),
    by: "anna",
    principal: requestFacts(deploy()).actor.principal,
    at: requestFacts(deploy()).submittedAt,
    why: "",
  }),
  stored(
    keys.unit(name("web@1.service")),
    unitFacts({ target: "launched", origin: { kind: "replica", service: web, index: 1, release: 1 } }),
  ),
  stored(keys.presence(M1), presenceFacts(M1)),
  stored(keys.schedule(M1, name("web@1.service")), entryFacts({ incarnation: "4" as never, release: 1 })),
  stored(keys.state(M1, name("web@1.service")), stateFacts({ incarnation: "4" as never, release: 1, health })),
];

test("the first deploy makes release 1, a running rollout of every replica, and points the service at both", async () => {
  const decision = run(await viewOf(stored(keys.service(web), serviceFacts())));
  expect(written(decision, "releases/web/")).toMatchObject({
    number: 1,
    version: "1.0.0",
    image: IMAGE,
    by: "operator:anna",
    hash: hashText(WEB_TEXT),
  });
  const rollout = written(decision, "rollouts/web-1-") as {
    id: string;
    steps: readonly { unit: string; state: string }[];
  };
  expect(rollout).toMatchObject({ state: "running", release: 1, previous: null, request: "request-0001" });
  expect(rollout.steps.map(({ unit, state }) => `${unit} ${state}`)).toEqual([
    "web@1.service pending",
    "web@2.service pending",
    "web@3.service pending",
  ]);
  expect(written(decision, "services/web")).toMatchObject({ release: 1, rollout: rollout.id });
  expect(decision.ok && decision.value).toMatchObject({ changed: ["web"], release: 1, rollout: rollout.id });
});

test("a release number is never used again, also when the service was made anew", async () => {
  const view = await viewOf(
    ...serving("passing").slice(0, 2),
    stored(keys.service(web), serviceFacts({ release: null })),
  );
  expect(written(run(view), "releases/web/")).toMatchObject({ number: 2 });
});

test("deploying what runs and is healthy changes nothing", async () => {
  const decision = run(await viewOf(...serving("passing")));
  expect(decision.ok && decision.value).toMatchObject({ changed: [], then: [], rollout: null, release: 1 });
});

test("deploying what runs but is unhealthy makes a new release", async () => {
  expect(written(run(await viewOf(...serving("failing"))), "releases/web/")).toMatchObject({ number: 2 });
});

test("deploying what last ran on a machine that is gone makes a new release", async () => {
  const view = await viewOf(...serving("passing").filter(({ path }) => !path.endsWith("/presence")));
  expect(written(run(view), "releases/web/")).toMatchObject({ number: 2 });
});

test("a bare tag is deployed again, since it may mean another image by now", async () => {
  const bare = { image: IMAGE, pinned: false };
  expect(written(run(await viewOf(...serving("passing")), deploy(), bare), "releases/web/")).toMatchObject({
    number: 2,
  });
});

test("max-parallel of the request wins over the unit file's", async () => {
  const view = await viewOf(stored(keys.service(web), serviceFacts()));
  expect(written(run(view, deploy({ maxParallel: 2 })), "rollouts/")).toMatchObject({ deploy: { maxParallel: 2 } });
  expect(written(run(view), "rollouts/")).toMatchObject({ deploy: { maxParallel: 1 } });
});

test("a canary that was asked for by flag is to be left out there, not in the unit file", async () => {
  const view = await viewOf(stored(keys.service(web), serviceFacts()));
  const checked = checkDeploy(view, deploy({ version: "1.1.0", canary: 1 }));
  expect(!checked.ok && checked.error.try).toBe("leave --canary out: fleet deploy web 1.1.0");
});

test("one rollout at a time", async () => {
  const first = run(await viewOf(stored(keys.service(web), serviceFacts())));
  const rollout = written(first, "rollouts/") as { id: RolloutId };
  const view = await viewOf(
    stored(keys.service(web), serviceFacts({ release: 1, rollout: rollout.id })),
    stored(keys.rollout(rollout.id), rollout as never),
  );
  const second = checkDeploy(view, deploy({ version: "1.1.0" }));
  expect(!second.ok && second.error).toMatchObject({ code: "ROLLOUT_RUNNING", try: `fleet rollout ${rollout.id}` });
});

test.each<readonly [string, Partial<DeployAction>, object, string]>([
  ["an unknown service", { service: "wep" as never }, {}, "NOT_FOUND"],
  ["a version that is none", { version: "$(reboot)" }, {}, "INVALID_VERSION"],
  ["a service with Canary", {}, { canary: 1 }, "NOT_YET"],
  ["a service with AutoRevert", {}, { autoRevert: true }, "NOT_YET"],
  ["a deploy with --canary", { canary: 1 }, {}, "NOT_YET"],
])("%s is refused before any registry is asked", async (_, action, spec, code) => {
  const service = serviceFacts({ deploy: { ...serviceFacts().deploy, ...spec } });
  const checked = checkDeploy(await viewOf(stored(keys.service(web), service)), deploy(action));
  expect(!checked.ok && checked.error.code).toBe(code);
});
