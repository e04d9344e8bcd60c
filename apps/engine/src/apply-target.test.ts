import { keys } from "@quarterdeck/etcd";
import type { UnitTarget } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { applyTarget, type TargetOrder } from "./apply-target.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { hashText } from "./hash-text.ts";
import {
  entryFacts,
  HELLO_TEXT,
  M1,
  name,
  NOW,
  OTHER_TEXT,
  serviceFacts,
  stateFacts,
  unitFacts,
  web,
  WORKER_TEXT,
} from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const hello = name("hello.service");
const AT_NOW = formatTimestamp(NOW);
const order = (verb: TargetOrder["verb"], unit: string, more: Partial<TargetOrder> = {}): TargetOrder => ({
  verb,
  units: [name(unit)],
  files: [],
  replace: false,
  ...more,
});

function writtenUnit(decision: ReturnType<typeof applyTarget>, unit: string): unknown {
  const put = decision.ok ? decision.value.then.find(({ path }) => path === `units/${unit}`) : undefined;
  return put?.kind === "put" ? JSON.parse(put.json) : null;
}

test.each<readonly [TargetOrder["verb"], UnitTarget, UnitTarget | null]>([
  ["start", "inactive", "launched"],
  ["start", "loaded", "launched"],
  ["start", "launched", null],
  ["restart", "inactive", "launched"],
  ["restart", "loaded", "launched"],
  ["restart", "launched", "launched"],
  ["load", "inactive", "loaded"],
  ["load", "launched", "loaded"],
  ["stop", "launched", "loaded"],
  ["stop", "loaded", null],
  ["stop", "inactive", null],
  ["unload", "launched", "inactive"],
  ["unload", "inactive", null],
])("%s of a unit that is %s makes it %s", async (verb, from, to) => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts({ target: from, generation: 7 })));
  const decision = applyTarget(view, order(verb, hello), NOW);
  const expected = to === null ? null : { target: to, generation: 8 };
  if (expected === null) expect(writtenUnit(decision, hello)).toBeNull();
  else expect(writtenUnit(decision, hello)).toMatchObject(expected);
  expect(decision.ok && decision.value.changed).toEqual(to === null ? [] : [hello]);
});

test("restart writes down when it was asked for, which start keeps", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts({ target: "launched" })));
  const restarted = writtenUnit(applyTarget(view, order("restart", hello), NOW), hello);
  expect(restarted).toMatchObject({ restartedAt: new Date(NOW).toISOString(), generation: 2 });
  const kept = await viewOf(stored(keys.unit(hello), { ...unitFacts({ target: "loaded" }), restartedAt: AT_NOW }));
  expect(writtenUnit(applyTarget(kept, order("start", hello), NOW + 5000), hello)).toMatchObject({
    restartedAt: AT_NOW,
  });
});

test("restart makes no instance of a template: there is nothing to restart", async () => {
  const view = await viewOf(stored(keys.unit(name("worker@.service")), unitFacts({ hash: hashText(WORKER_TEXT) })));
  expect(applyTarget(view, order("restart", "worker@4.service"), NOW)).toMatchObject({
    ok: false,
    error: { code: "NOT_FOUND" },
  });
});

test("a replica may be restarted by hand, and stays the service's", async () => {
  const replica = name("web@1.service");
  const origin = { kind: "replica", service: web, index: 1, release: 1 } as const;
  const view = await viewOf(stored(keys.unit(replica), unitFacts({ target: "launched", origin })));
  expect(writtenUnit(applyTarget(view, order("restart", replica), NOW), replica)).toMatchObject({
    origin,
    restartedAt: AT_NOW,
  });
});

test("start takes the text that came along and makes the unit at generation 1", async () => {
  const decision = applyTarget(
    await viewOf(),
    order("start", hello, { files: [{ name: hello, text: HELLO_TEXT }] }),
    NOW,
  );
  expect(writtenUnit(decision, hello)).toMatchObject({ target: "launched", generation: 1, hash: hashText(HELLO_TEXT) });
});

test("fleet #1691: start of an instance copies the hash of its known template", async () => {
  const view = await viewOf(stored(keys.unit(name("worker@.service")), unitFacts({ hash: hashText(WORKER_TEXT) })));
  const decision = applyTarget(view, order("start", "worker@4.service"), NOW);
  expect(writtenUnit(decision, "worker@4.service")).toMatchObject({ hash: hashText(WORKER_TEXT), target: "launched" });
});

test("fleet #1691: start --replace gives an instance the text that its template has now, once, and nothing else does", async () => {
  const four = name("worker@4.service");
  const old = unitFacts({ hash: hashText(OTHER_TEXT), target: "launched", generation: 2 });
  const template = stored(keys.unit(name("worker@.service")), unitFacts({ hash: hashText(WORKER_TEXT) }));
  const view = await viewOf(template, stored(keys.unit(four), old));
  const replaced = applyTarget(view, order("start", four, { replace: true }), NOW);
  expect(writtenUnit(replaced, four)).toMatchObject({ hash: hashText(WORKER_TEXT), target: "launched", generation: 3 });
  expect(writtenUnit(applyTarget(view, order("start", four), NOW), four)).toBeNull();
  expect(writtenUnit(applyTarget(view, order("restart", four), NOW), four)).toMatchObject({
    hash: hashText(OTHER_TEXT),
  });
  const current = await viewOf(template, stored(keys.unit(four), { ...old, hash: hashText(WORKER_TEXT) }));
  expect(writtenUnit(applyTarget(current, order("start", four, { replace: true }), NOW), four)).toBeNull();
});

test("an instance may be made from its template's text that came along", async () => {
  const files = [{ name: name("worker@.service"), text: WORKER_TEXT }];
  const decision = applyTarget(await viewOf(), order("load", "worker@1.service", { files }), NOW);
  expect(writtenUnit(decision, "worker@1.service")).toMatchObject({ hash: hashText(WORKER_TEXT), target: "loaded" });
  expect(writtenUnit(decision, "worker@.service")).toBeNull();
});

test("other text for a known unit needs --replace; with it one request raises the generation once", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts({ generation: 2 })));
  const files = [{ name: hello, text: OTHER_TEXT }];
  const refused = applyTarget(view, order("start", hello, { files }), NOW);
  expect(!refused.ok && refused.error).toMatchObject({ code: "CONFLICT", try: "fleet start --replace hello.service" });
  const replaced = applyTarget(view, order("start", hello, { files, replace: true }), NOW);
  expect(writtenUnit(replaced, hello)).toMatchObject({ hash: hashText(OTHER_TEXT), target: "launched", generation: 3 });
});

test("a template cannot be started, and the hint names an instance", async () => {
  const view = await viewOf(stored(keys.unit(name("worker@.service")), unitFacts()));
  const decision = applyTarget(view, order("start", "worker@.service"), NOW);
  expect(!decision.ok && decision.error).toMatchObject({ code: "USAGE" });
  expect(!decision.ok && decision.error.try).toContain("worker@1.service");
});

test("an unknown unit is not found, and the nearest name is offered", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts()));
  const decision = applyTarget(view, order("start", "helo.service"), NOW);
  expect(!decision.ok && decision.error.code).toBe("NOT_FOUND");
  expect(!decision.ok && decision.error.try).toContain("hello.service");
});

test("one unknown unit in a list changes nothing of the others", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts()));
  const decision = applyTarget(view, order("start", hello, { units: [hello, name("nope.service")] }), NOW);
  expect(decision.ok).toBe(false);
});

test("a unit named twice is changed once", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts({ generation: 5 })));
  const decision = applyTarget(view, order("start", hello, { units: [hello, hello] }), NOW);
  expect(writtenUnit(decision, hello)).toMatchObject({ generation: 6 });
  expect(decision.ok && decision.value.changed).toEqual([hello]);
});

test.each(["stop", "load", "unload"] as const)("%s of a replica is refused: its service owns it", async (verb) => {
  const replica = unitFacts({ target: "launched", origin: { kind: "replica", service: web, index: 1, release: 1 } });
  const view = await viewOf(stored(keys.unit(name("web@1.service")), replica));
  const decision = applyTarget(view, order(verb, "web@1.service"), NOW);
  expect(!decision.ok && decision.error).toMatchObject({ code: "ENGINE_OWNED" });
  expect(!decision.ok && decision.error.try).toContain("fleet deploy web VERSION");
});

test("an instance of a service's template is made by a deploy, not by start", async () => {
  const view = await viewOf(
    stored(keys.unit(name("web@.service")), unitFacts()),
    stored(keys.service(web), serviceFacts()),
  );
  const decision = applyTarget(view, order("start", "web@9.service"), NOW);
  expect(!decision.ok && decision.error.code).toBe("ENGINE_OWNED");
});

test.each([
  ["failed", true, true],
  ["inactive", true, true],
  ["active", true, false],
  ["failed", false, false],
] as const)(
  "fleet #1091: start of a launched unit that is %s (agent acted on the entry: %s) starts it again: %s",
  async (active, acted, again) => {
    const view = await viewOf(
      stored(keys.unit(hello), unitFacts({ target: "launched" })),
      stored(keys.schedule(M1, hello), entryFacts()),
      stored(keys.state(M1, hello), stateFacts({ active, entryRevision: acted ? "3" : "2" })),
    );
    const decision = applyTarget(view, order("start", hello), NOW);
    if (again) expect(writtenUnit(decision, hello)).toMatchObject({ generation: 2, target: "launched" });
    else expect(decision.ok && decision.value.changed).toEqual([]);
  },
);

test("start of a unit whose newest generation no agent has met yet is not raised a second time", async () => {
  const view = await viewOf(
    stored(keys.unit(hello), unitFacts({ target: "launched", generation: 2 })),
    stored(keys.schedule(M1, hello), entryFacts({ generation: 1 })),
    stored(keys.state(M1, hello), stateFacts({ active: "failed", entryRevision: "3" })),
  );
  const decision = applyTarget(view, order("start", hello), NOW);
  expect(decision.ok && decision.value.changed).toEqual([]);
});
