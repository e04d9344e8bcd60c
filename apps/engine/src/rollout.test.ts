import { keys, ranges } from "@quarterdeck/etcd";
import type { RequestAction, ScheduleEntry, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { createEngineWorld, settle, type EngineWorld } from "./testing/engine-world.ts";
import { M1, M2, M3, name, web, WEB_TEXT } from "./testing/facts.ts";

const BROKEN = "c".repeat(64);
const template = name("web@.service");
const replicas = [1, 2, 3].map((index) => name(`web@${index}.service`));
const deploy = (version: string, more: { readonly allowTag?: boolean } = {}): RequestAction => ({
  verb: "deploy",
  service: web,
  version,
  maxParallel: null,
  canary: null,
  allowTag: false,
  ...more,
});

/** Three machines, the service known, nothing deployed yet; version 1.2.0 never passes its check. */
async function webWorld(text = WEB_TEXT): Promise<EngineWorld> {
  const world = await createEngineWorld();
  world.startEngine("m1");
  const healthOf = (_: UnitName, entry: ScheduleEntry) =>
    entry.environment["IMAGE"]?.endsWith(BROKEN) === true ? ("failing" as const) : ("passing" as const);
  for (const machine of [M1, M2, M3]) await world.addMachine({ machine, healthOf });
  await world.until((view) => view.list(ranges.machines).length === 3);
  await world.ask({ verb: "submit", files: [{ name: template, text }], replace: false });
  return world;
}

async function deployed(world: EngineWorld, version: string) {
  const outcome = await world.ask(deploy(version));
  if (outcome.kind !== "applied" || outcome.rollout === null) throw new Error(JSON.stringify(outcome));
  return world.finish(outcome.rollout);
}

/** Which release each replica runs, by its agent's word. */
const running = (world: EngineWorld) =>
  world.until((view) =>
    Object.fromEntries(
      view
        .list(ranges.states)
        .map(({ names, value }) => [names[1] ?? "", value.active === "active" ? value.release : null]),
    ),
  );

test("a first deploy starts every replica, each on a machine of its own, with the image by its digest", async () => {
  await using world = await webWorld();
  expect((await deployed(world, "1.0.0")).state).toBe("done");
  expect(await running(world)).toEqual({ "web@1.service": 1, "web@2.service": 1, "web@3.service": 1 });
  const places = await world.until((view) =>
    view.list(ranges.schedules).map(({ names, value }) => [names[0], value.environment["IMAGE"]]),
  );
  expect(new Set(places.map(([machine]) => machine)).size).toBe(3);
  expect(new Set(places.map(([, image]) => image))).toEqual(
    new Set([`registry.lab:5000/web@sha256:${"a".repeat(64)}`]),
  );
});

/** What a dry run says, and that it wrote nothing but its answer. */
async function foresee(world: EngineWorld, action: RequestAction): Promise<readonly string[]> {
  const contents = () => Object.entries(world.etcd.dump()).filter(([path]) => !path.startsWith("requests/"));
  await settle();
  const before = contents();
  const outcome = await world.ask(action, { dryRun: true });
  await settle();
  expect(contents()).toEqual(before);
  if (outcome.kind === "refused") return [`refused: ${outcome.problem.code}`];
  return (outcome.forecast ?? []).map(
    ({ step, units, to, reason }) => `${step} ${units.join(" ")} ${to === null ? "-" : `m${to[0]}`} ${reason.code}`,
  );
}

test("a deploy is foreseen: of a first one every replica's machine, of a later one the first wave and what waits for it", async () => {
  await using world = await webWorld();
  expect(await foresee(world, deploy("1.0.0"))).toEqual([
    "place web@1.service m1 LEAST_LOADED",
    "place web@2.service m2 LEAST_LOADED",
    "place web@3.service m3 ONLY_CANDIDATE",
  ]);
  await deployed(world, "1.0.0");
  expect(await foresee(world, deploy("1.1.0"))).toEqual([
    "update web@1.service m1 ROLLOUT_STEP",
    "wait web@2.service web@3.service - ROLLOUT_WAITING",
  ]);
  expect(await foresee(world, deploy("1.0.0"))).toEqual([]);
  expect(await foresee(world, deploy("9.9.9"))).toEqual(["refused: VERSION_NOT_FOUND"]);
  const fewer = WEB_TEXT.replace("Replicas=3", "Replicas=1");
  await world.ask({ verb: "submit", files: [{ name: template, text: fewer }], replace: true });
  expect(await foresee(world, deploy("1.1.0"))).toEqual([
    "update web@1.service m1 ROLLOUT_STEP",
    "wait web@2.service web@3.service - ROLLOUT_WAITING",
  ]);
});

test("of a change beside a rollout that goes on the rollout's own waves are not told", async () => {
  await using world = await webWorld();
  await deployed(world, "1.0.0");
  await world.ask(deploy("1.1.0"));
  expect(await foresee(world, { verb: "cordon", machine: M3 })).toEqual([]);
  expect(await foresee(world, deploy("1.2.0"))).toEqual(["refused: ROLLOUT_RUNNING"]);
});

test("a new version replaces one replica after the other, each behind its health", async () => {
  await using world = await webWorld();
  await deployed(world, "1.0.0");
  const outcome = await world.ask(deploy("1.1.0"));
  const id = outcome.kind === "applied" ? outcome.rollout : null;
  const mixes = new Set<string>();
  for (let step = 0; step < 60; step += 1) {
    mixes.add(
      Object.values(await running(world))
        .map(String)
        .toSorted((a, b) => a.localeCompare(b))
        .join(""),
    );
    world.clock.advance(250);
    await settle();
  }
  expect([...mixes]).toEqual(["111", "112", "122", "222"]);
  expect((await world.finish(id ?? "")).state).toBe("done");
  const service = await world.until((view) => view.get(keys.service(web))?.value);
  expect([service.release, service.rollout]).toEqual([2, null]);
});

test("a version that is not healthy stops at the first replica and says why", async () => {
  await using world = await webWorld();
  await deployed(world, "1.0.0");
  const rollout = await deployed(world, "1.2.0");
  expect(rollout.state).toBe("failed");
  expect(rollout.reason.code).toBe("ROLLOUT_UNHEALTHY");
  expect(rollout.steps.map(({ state }) => state)).toEqual(["failed", "pending", "pending"]);
  expect(await running(world)).toEqual({ "web@1.service": 2, "web@2.service": 1, "web@3.service": 1 });
  const log = await world.until((view) =>
    view
      .list(ranges.audit)
      .map(({ value }) => value.act)
      .slice(-2),
  );
  expect(log).toEqual(["deploy", "rollout-failed"]);
});

test("deploying what runs already changes nothing, and a broken deploy can be followed by a good one", async () => {
  await using world = await webWorld();
  await deployed(world, "1.0.0");
  expect(await world.ask(deploy("1.0.0"))).toMatchObject({ kind: "applied", changed: [], rollout: null, release: 1 });
  await deployed(world, "1.2.0");
  expect((await deployed(world, "1.1.0")).state).toBe("done");
  expect(await running(world)).toEqual({ "web@1.service": 3, "web@2.service": 3, "web@3.service": 3 });
});

test("a rollout goes on under the next leader where the last one left it", async () => {
  await using world = await webWorld();
  await deployed(world, "1.0.0");
  const outcome = await world.ask(deploy("1.1.0"));
  await world.until((view) => view.list(ranges.states).some(({ value }) => value.release === 2));
  world.startEngine("m2");
  await world.until((view) => view.list(ranges.leaders).length === 2);
  for (const id of world.etcd.leaseIds())
    if ((await world.etcd.get(keys.leader(id), new AbortController().signal))?.value.hostname === "m1")
      world.etcd.expireLease(id);
  const rollout = await world.finish(outcome.kind === "applied" ? (outcome.rollout ?? "") : "");
  expect(rollout.state).toBe("done");
  expect(await running(world)).toEqual({ "web@1.service": 2, "web@2.service": 2, "web@3.service": 2 });
});

test("a slow registry holds up no other request, and deploys of one service keep their order", async () => {
  await using world = await webWorld();
  const held = Promise.withResolvers<void>();
  world.registry.hold = held.promise;
  await world.submit(deploy("1.0.0"), "deploy-first");
  await settle();
  await world.submit(deploy("1.1.0"), "deploy-second");
  expect(await world.ask({ verb: "stop", units: [name("nope.service")] })).toMatchObject({
    kind: "refused",
    problem: { code: "NOT_FOUND" },
  });
  const doing = () =>
    world.until((view) => {
      const claims = view
        .list(ranges.requests)
        .flatMap(({ value }) => (value.claim === undefined ? [] : [value.claim]));
      return claims.length === 2 && claims;
    });
  expect(await doing()).toMatchObject([
    { by: "m1", doing: "asks the registry for registry.lab:5000/web:1.0.0" },
    { by: "m1", doing: "waits for the deploy of web before it" },
  ]);
  held.resolve();
  const outcomes = await world.until((view) => {
    const found = view
      .list(ranges.requests)
      .filter(({ names, value }) => names[1]?.startsWith("deploy-") === true && value.outcome !== null);
    return found.length === 2 && found.map(({ value }) => value.outcome);
  });
  expect(outcomes).toMatchObject([
    { kind: "applied", release: 1 },
    { kind: "refused", problem: { code: "ROLLOUT_RUNNING" } },
  ]);
  expect(world.registry.asked).toEqual(["registry.lab:5000/web:1.0.0"]);
});

test("a registry that is away refuses the deploy, unless a bare tag will do", async () => {
  await using world = await webWorld();
  world.registry.reachable = false;
  expect(await world.ask(deploy("1.0.0"))).toMatchObject({
    kind: "refused",
    problem: { code: "REGISTRY_UNREACHABLE" },
  });
  expect(await world.ask(deploy("1.0.0", { allowTag: true }))).toMatchObject({ kind: "applied", release: 1 });
  expect(await world.until((view) => view.get(keys.release(web, 1))?.value.image)).toBe("registry.lab:5000/web:1.0.0");
});

test("a first deploy of more replicas than fit one transaction starts all of them", async () => {
  await using world = await webWorld(
    WEB_TEXT.replace("Replicas=3", "Replicas=130").replace("Conflicts=web@*.service", ""),
  );
  expect((await deployed(world, "1.0.0")).state).toBe("done");
  expect(Object.values(await running(world)).filter((release) => release === 1).length).toBe(130);
});

test("fewer replicas in the template retire the surplus with the next deploy", async () => {
  await using world = await webWorld();
  await deployed(world, "1.0.0");
  await world.ask({
    verb: "submit",
    files: [{ name: template, text: WEB_TEXT.replace("Replicas=3", "Replicas=2") }],
    replace: true,
  });
  expect((await deployed(world, "1.1.0")).state).toBe("done");
  await world.until((view) => view.list(ranges.schedules).length === 2);
  expect(await world.until((view) => view.list(ranges.units).map(({ names }) => names[0]))).toEqual([
    template,
    ...replicas.slice(0, 2),
  ]);
});
