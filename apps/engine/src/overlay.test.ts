import { absent, appendAudit, AUDIT_TAIL, keys, put, ranges, remove, type Operation } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import { expect, test } from "vitest";
import { formatTimestamp } from "./format-timestamp.ts";
import { createOverlay } from "./overlay.ts";
import { settle } from "./testing/engine-world.ts";
import { HELLO_TEXT, name, NOW, unitFacts } from "./testing/facts.ts";
import { engineSigner } from "./testing/signing.ts";

const signal = new AbortController().signal;
const a = name("a.service");
const b = name("b.service");

/** An overlay over a mirror that has seen `a`, and a hand that writes past the mirror's back. */
async function world() {
  const etcd = fakeEtcd();
  await etcd.transact({ when: [], then: [put(keys.unit(a), unitFacts())] }, signal);
  const frozen = await etcd.snapshot(["units/", "unit-files/"], signal);
  const overlay = createOverlay(frozen);
  const write = async (...then: readonly Operation[]) => {
    const { revision } = await etcd.transact({ when: [], then }, signal);
    overlay.apply(then, revision);
    return etcd.snapshot(["units/", "unit-files/"], signal);
  };
  return { overlay, write };
}

const rows = (view: { list: ReturnType<typeof createOverlay>["list"] }) =>
  view.list(ranges.units).map(({ path, names, value, createRevision, modRevision }) => ({
    path,
    names,
    value,
    createRevision,
    modRevision,
  }));

test("what was written shows as etcd would show it: value, order, both revisions", async () => {
  const { overlay, write } = await world();
  await write(put(keys.unit(b), unitFacts()));
  const truth = await write(put(keys.unit(a), unitFacts({ generation: 2 })));
  expect(rows(overlay)).toEqual(rows(truth));
  expect(overlay.get(keys.unit(a))).toEqual(truth.get(keys.unit(a)));
});

test("a deleted key is gone, and one made anew is another incarnation", async () => {
  const { overlay, write } = await world();
  await write(remove(keys.unit(a)));
  expect([overlay.get(keys.unit(a)), rows(overlay)]).toEqual([null, []]);
  const truth = await write(put(keys.unit(a), unitFacts()));
  expect(rows(overlay)).toEqual(rows(truth));
});

test("the head of the audit log keeps the revision that it was made at; its entries are written and never read", async () => {
  const etcd = fakeEtcd();
  const step = async (act: string) => {
    const facts = { at: formatTimestamp(NOW), actor: null, request: null, act, subjects: [], outcome: "applied" };
    const { then } = appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), facts, engineSigner(0));
    return { then, revision: (await etcd.transact({ when: [], then }, signal)).revision };
  };
  await step("first");
  const overlay = createOverlay(await etcd.snapshot(AUDIT_TAIL, signal));
  const { then, revision } = await step("second");
  overlay.apply(then, revision);
  expect(overlay.get(keys.auditHead())).toEqual(await etcd.get(keys.auditHead(), signal));
});

test("keys of another shape do not slip into a range", async () => {
  const { overlay, write } = await world();
  await write(put(keys.unitFile(unitFacts().hash), { v: 1, text: HELLO_TEXT }));
  expect(rows(overlay).map(({ path }) => path)).toEqual(["units/a.service"]);
});

test("one value is one object, so that callers may compare by identity", async () => {
  const { overlay, write } = await world();
  await write(put(keys.unit(a), unitFacts({ generation: 2 })));
  expect(overlay.list(ranges.units)[0]?.value).toBe(overlay.get(keys.unit(a))?.value);
});

test("what the mirror shows by itself is dropped, and later changes by others come through", async () => {
  const etcd = fakeEtcd();
  await using mirror = await etcd.mirror(["units/"], signal);
  const overlay = createOverlay(mirror);
  const then = [put(keys.unit(a), unitFacts())];
  const { revision } = await etcd.transact({ when: [absent(keys.unit(a))], then }, signal);
  overlay.apply(then, revision);
  await etcd.transact({ when: [], then: [put(keys.unit(a), unitFacts({ generation: 9 }))] }, signal);
  await settle();
  overlay.settle();
  expect(overlay.get(keys.unit(a))?.value.generation).toBe(9);
});
