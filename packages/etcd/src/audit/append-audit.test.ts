import type { AuditSeal, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { keys, ranges } from "../keyspace/keys.ts";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { append, factsOf, forge } from "../testing/audit-story.ts";
import { fakeEtcd, type FakeEtcd } from "../testing/fake-etcd.ts";
import { put } from "../transaction/operation.ts";
import { appendAudit, AUDIT_TAIL } from "./append-audit.ts";
import { createAuditSigner } from "./audit-signer.ts";
import { hashEntry } from "./hash-entry.ts";
import { unsignedHeadKey } from "./unsigned-head.ts";
import { verifyAudit } from "./verify-audit.ts";

const signal = AbortSignal.timeout(60_000);
const authority = await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)));
const signer = await authority.signer();
const verify = (etcd: FakeEtcd) => verifyAudit(etcd, { ca: authority.ca }, signal);

test("an entry and its head are two writes that hold only on what they were decided from", async () => {
  const etcd = fakeEtcd();
  const first = appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), factsOf(1), signer);
  expect([first.when, first.then.map(({ path }) => path)]).toEqual([
    [
      { kind: "absent", path: "audit/chain/head" },
      { kind: "absent", path: "audit/000000000001" },
    ],
    ["audit/000000000001", "audit/chain/head"],
  ]);
  const { revision } = await etcd.transact(first, signal);
  const second = appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), factsOf(2), signer);
  expect(second.when).toContainEqual({ kind: "modRevision", path: "audit/chain/head", is: revision });
  // A view of before: no fork.
  expect((await etcd.transact(first, signal)).committed).toBe(false);
  expect(await verify(etcd)).toMatchObject({ ok: true, entries: 1 });
});

test("time in the log stands still while a new leader's clock is behind, and that clock is written down", async () => {
  const etcd = fakeEtcd();
  for (const hour of [5, 3, 5, 6]) await append(etcd, factsOf(hour), signer);
  const { entries } = await etcd.list(ranges.audit, signal);
  const hours = (time: Timestamp | undefined) => (time === undefined ? null : new Date(time).getUTCHours());
  expect(entries.map(({ value }) => [hours(value.at), hours(value.clock)])).toEqual([
    [5, null],
    [5, 3],
    [5, null],
    [6, null],
  ]);
  expect(await verify(etcd)).toMatchObject({ ok: true, head: { at: factsOf(6).at } });
});

test("a chain that somebody wrote anew gets no good signature by the next act: it is known to be signed from there on only", async () => {
  const etcd = fakeEtcd();
  for (const hour of [1, 2, 3]) await append(etcd, factsOf(hour), signer);
  const outsider = await (await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)))).signer();
  const forged = forge([factsOf(1), factsOf(2), factsOf(90)], outsider);
  for (const { path, json } of forged.entries) etcd.writeText(path, json);
  etcd.writeText(keys.auditHead().path, forged.head ?? "");
  expect(await verify(etcd)).toMatchObject({ ok: false, fault: { code: "certificate" } });
  expect(await append(etcd, factsOf(4), signer)).toBe(true);
  expect(await append(etcd, factsOf(5), signer)).toBe(true);
  // Nor does its time hold the log's up.
  expect(await verify(etcd)).toMatchObject({ ok: true, signedFrom: 4, head: { sequence: 5, at: factsOf(5).at } });
});

test("a signer vouches for what it signed itself and what another engine did, and for nothing else that has its signature", async () => {
  const etcd = fakeEtcd();
  const own = await authority.signer();
  const headBy = async (by: typeof own) => {
    await append(etcd, factsOf(1), by);
    const head = (await etcd.get(keys.auditHead(), signal))?.value;
    if (head === undefined) throw new Error("no head");
    return head;
  };
  const head = await headBy(own);
  expect(own.vouches(head)).toBe(true);
  expect(own.vouches({ ...head, sequence: head.sequence + 1 })).toBe(false);
  expect(own.vouches({ ...head, signature: `A${head.signature.slice(1)}` })).toBe(false);
  expect(own.vouches(await headBy(await authority.signer()))).toBe(true);
});

test("a log that older engines did not sign goes on behind its last entry, and says from where it is signed", async () => {
  const etcd = fakeEtcd();
  const old = put(keys.audit(1), { v: 1, sequence: 1, ...factsOf(9), outcome: "was\ufffdodd", previous: null });
  const head = put(unsignedHeadKey, { v: 1, sequence: 1, hash: hashEntry(old.json) });
  await etcd.transact({ when: [], then: [old, head] }, signal);
  expect(await verify(etcd)).toMatchObject({ ok: false, fault: { code: "unsigned" } });
  // That its clock was ahead is no fault of the log.
  for (const hour of [4, 5]) expect(await append(etcd, factsOf(hour), signer)).toBe(true);
  expect(await etcd.get(unsignedHeadKey, signal)).toBeNull();
  expect(await verify(etcd)).toMatchObject({ ok: true, entries: 3, first: 1, signedFrom: 2 });
});

test("two who take over from an older engine at once cannot both, nor can one while it still writes", async () => {
  const etcd = fakeEtcd();
  const old = put(keys.audit(1), { v: 1, sequence: 1, ...factsOf(1), previous: null });
  const head = put(unsignedHeadKey, { v: 1, sequence: 1, hash: hashEntry(old.json) });
  await etcd.transact({ when: [], then: [old, head] }, signal);
  const late = appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), factsOf(2), signer);
  const next = put(keys.audit(2), { v: 1, sequence: 2, ...factsOf(2), previous: hashEntry(old.json) });
  const moved = put(unsignedHeadKey, { v: 1, sequence: 2, hash: hashEntry(next.json) });
  await etcd.transact({ when: [], then: [next, moved] }, signal);
  expect((await etcd.transact(late, signal)).committed).toBe(false);
  // Nor on a head that somebody changed and nothing else.
  const decided = appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), factsOf(3), signer);
  await etcd.transact({ when: [], then: [moved] }, signal);
  expect((await etcd.transact(decided, signal)).committed).toBe(false);
  expect(await append(etcd, factsOf(3), signer)).toBe(true);
  expect(await verify(etcd)).toMatchObject({ ok: true, entries: 3, signedFrom: 3 });
});

test("a mark that stands for unreadable bytes is never stored as it is, so that bytes cannot take its place unseen", async () => {
  const etcd = fakeEtcd();
  await append(etcd, factsOf(1, { outcome: "odd \ufffd text", why: "\ufffd" }), signer);
  expect(await verify(etcd)).toMatchObject({ ok: true });
  const { entries } = await etcd.list(ranges.audit, signal);
  expect(entries[0]?.value).toMatchObject({ outcome: "odd \ufffd text", why: "\ufffd" });
  etcd.writeText("audit/000000000001", JSON.stringify(entries[0]?.value));
  expect(await verify(etcd)).toMatchObject({ ok: false, fault: { code: "unreadable", sequence: 1 } });
});

test("the head holds the certificate that made its signature", async () => {
  const etcd = fakeEtcd();
  const other = await authority.signer();
  const certificates: (string | undefined)[] = [];
  for (const [index, one] of [signer, other].entries()) {
    await append(etcd, factsOf(index + 1), one);
    certificates.push((await etcd.get(keys.auditHead(), signal))?.value.certificate);
  }
  expect(certificates).toEqual([signer, other].map((one) => one.sign(Buffer.of()).certificate));
  const swapped = { ...(await etcd.get(keys.auditHead(), signal))?.value, certificate: certificates[0] } as AuditSeal;
  etcd.writeText("audit/chain/head", JSON.stringify(swapped));
  expect(await verify(etcd)).toMatchObject({ fault: { code: "signature" } });
});

test("a certificate with another's key, or none at all, makes no signer", async () => {
  const [one, other] = [signer, await authority.signer()].map((each) => each.sign(Buffer.of()).certificate);
  expect(() => createAuditSigner({ cert: one ?? "", key: other ?? "", ca: authority.ca })).toThrow(
    expect.objectContaining({ code: "INVALID_CERTIFICATE" }),
  );
});
