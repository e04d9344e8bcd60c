import type { Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { keys } from "../keyspace/keys.ts";
import type { StoredValue } from "../port.ts";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { append, factsOf } from "../testing/audit-story.ts";
import { fakeEtcd, type FakeEtcd } from "../testing/fake-etcd.ts";
import { put } from "../transaction/operation.ts";
import { AUDIT_TAIL } from "./append-audit.ts";
import { seal, type AuditSigner } from "./audit-signer.ts";
import { hashEntry } from "./hash-entry.ts";
import { pruneAudit, type PrunedAudit } from "./prune-audit.ts";
import { verifyAudit } from "./verify-audit.ts";

const signal = AbortSignal.timeout(60_000);
const start = new Date(Date.UTC(2026, 10, 1));
const authority = await createAuditAuthority(start);
const engine = await authority.signer();
const outsider = await (await createAuditAuthority(start)).signer();
const LATE = factsOf(100).at;

/** Seven entries, an hour apart. */
async function cluster(): Promise<FakeEtcd> {
  const etcd = fakeEtcd();
  for (let hour = 1; hour <= 7; hour += 1) await append(etcd, factsOf(hour), engine);
  return etcd;
}

async function read(etcd: FakeEtcd, first: number, last: number): Promise<readonly StoredValue[]> {
  const spans = [{ start: keys.audit(first).path, end: keys.audit(last + 1).path }];
  const found: StoredValue[] = [];
  for await (const page of etcd.pages(spans, signal)) found.push(...page.values);
  return found;
}

type Span = {
  readonly first: number;
  readonly last: number;
  readonly before?: Timestamp;
  readonly signer?: AuditSigner;
};

/** What pruning `first` to `last`, `last` being the one that stays, would do. */
async function plan(etcd: FakeEtcd, { first, last, before = LATE, signer = engine }: Span): Promise<PrunedAudit> {
  const view = await etcd.snapshot(AUDIT_TAIL, signal);
  return pruneAudit(view, await read(etcd, first, last), { before, at: LATE, signer, ca: authority.ca });
}

async function prune(etcd: FakeEtcd, span: Span): Promise<boolean> {
  const planned = await plan(etcd, span);
  if (!planned.ok || planned.transaction === null) return false;
  return (await etcd.transact(planned.transaction, signal)).committed;
}

const verify = (etcd: FakeEtcd) => verifyAudit(etcd, { ca: authority.ca }, signal);
const entriesOf = (etcd: FakeEtcd) =>
  Object.keys(etcd.dump())
    .filter((path) => /^audit\/[0-9]/.test(path))
    .map((path) => Number(path.slice("audit/".length)));
const fault = (planned: PrunedAudit) => (planned.ok ? null : planned.fault.code);

test("a pruned log is sound, grows, and is pruned again", async () => {
  const etcd = await cluster();
  expect(await prune(etcd, { first: 1, last: 4 })).toBe(true);
  expect(entriesOf(etcd)).toEqual([4, 5, 6, 7]);
  expect(await verify(etcd)).toMatchObject({ ok: true, entries: 4, first: 4, anchor: 3 });
  await append(etcd, factsOf(8), engine);
  expect(await prune(etcd, { first: 4, last: 7, signer: await authority.signer() })).toBe(true);
  expect(entriesOf(etcd)).toEqual([7, 8]);
  expect(await verify(etcd)).toMatchObject({ ok: true, entries: 2, first: 7, anchor: 6 });
});

test("what is not old enough stays, with all that is behind it, and so does the last one in any case", async () => {
  const etcd = await cluster();
  expect(await prune(etcd, { first: 1, last: 7, before: factsOf(3).at })).toBe(true);
  expect(entriesOf(etcd)).toEqual([3, 4, 5, 6, 7]);
  expect(await plan(etcd, { first: 3, last: 7, before: factsOf(3).at })).toMatchObject({ ok: true, transaction: null });
  expect(await plan(etcd, { first: 3, last: 3 })).toMatchObject({ ok: true, transaction: null });
});

test.each([
  ["changed", "audit/000000000002", (json: string) => json.replace("m2", "m9"), "changed"],
  [
    "changed where it is followed",
    "audit/000000000004",
    (json: string) => json.replace(/"previous":"../, '"previous":"zz'),
    "unreadable",
  ],
  ["no entry", "audit/000000000002", () => "{}", "unreadable"],
])("of a log with an entry that is %s nothing is removed", async (_, path, damage, code) => {
  const etcd = await cluster();
  etcd.writeText(path, damage(JSON.stringify(etcd.dump()[path])));
  expect(fault(await plan(etcd, { first: 1, last: 4 }))).toBe(code);
});

test("of a log with a missing entry nothing is removed", async () => {
  const etcd = await cluster();
  await etcd.transact({ when: [], then: [{ kind: "delete", path: "audit/000000000001" }] }, signal);
  expect(fault(await plan(etcd, { first: 1, last: 4 }))).toBe("removed");
});

test("an anchor that no engine signed is not built on, so that it never gets a good signature", async () => {
  const etcd = await cluster();
  const last = (await read(etcd, 3, 3))[0];
  const facts = { sequence: 3, hash: hashEntry(last?.json ?? ""), at: LATE, signedFrom: 1 };
  await etcd.transact({ when: [], then: [put(keys.auditAnchor(), seal(outsider, "anchor", facts))] }, signal);
  expect(fault(await plan(etcd, { first: 4, last: 6 }))).toBe("certificate");
  await etcd.transact({ when: [], then: [put(keys.auditAnchor(), seal(engine, "anchor", facts))] }, signal);
  expect(fault(await plan(etcd, { first: 4, last: 6 }))).toBeNull();
});

test("an entry that changed since it was read, or another one's anchor, keeps all of it", async () => {
  const etcd = await cluster();
  const [early, same] = [await plan(etcd, { first: 1, last: 4 }), await plan(etcd, { first: 1, last: 4 })];
  if (!early.ok || early.transaction === null || !same.ok || same.transaction === null) throw new Error("not planned");
  const text = JSON.stringify(etcd.dump()["audit/000000000002"]);
  etcd.writeText("audit/000000000002", text);
  expect(await etcd.transact(early.transaction, signal)).toMatchObject({ committed: false });
  expect(await prune(etcd, { first: 1, last: 4 })).toBe(true);
  expect(await etcd.transact(same.transaction, signal)).toMatchObject({ committed: false });
  expect(entriesOf(etcd)).toEqual([4, 5, 6, 7]);
});

test("an anchor that came since the log was read keeps all of it", async () => {
  const etcd = await cluster();
  const planned = await plan(etcd, { first: 1, last: 4 });
  if (!planned.ok || planned.transaction === null) throw new Error("not planned");
  etcd.writeText("audit/chain/anchor", "{}");
  expect(await etcd.transact(planned.transaction, signal)).toMatchObject({ committed: false });
});

test("a pruned log that is touched is not sound", async () => {
  const etcd = await cluster();
  const removed = await read(etcd, 3, 3);
  await prune(etcd, { first: 1, last: 4 });
  const fourth = JSON.stringify(etcd.dump()["audit/000000000004"]);
  etcd.writeText("audit/000000000004", fourth.replace("m4", "m9"));
  expect(await verify(etcd)).toMatchObject({ ok: false, fault: { code: "changed", sequence: 4 } });
  etcd.writeText("audit/000000000004", fourth);
  etcd.writeText("audit/000000000003", removed[0]?.json ?? "");
  expect(await verify(etcd)).toMatchObject({ ok: false, fault: { code: "inserted", sequence: 3 } });
  await etcd.transact({ when: [], then: [{ kind: "delete", path: "audit/000000000003" }] }, signal);
  expect(await verify(etcd)).toMatchObject({ ok: true });
  await etcd.transact({ when: [], then: [{ kind: "delete", path: "audit/chain/anchor" }] }, signal);
  expect(await verify(etcd)).toMatchObject({ ok: false, fault: { code: "removed", sequence: 1 } });
});
