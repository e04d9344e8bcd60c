import { describe, expect, test } from "vitest";
import type { EtcdClient, Term } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { keys } from "../keyspace/keys.ts";
import type { StoredValue } from "../port.ts";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { append, factsOf } from "../testing/audit-story.ts";
import { startEtcd, type EtcdServer } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { put, remove } from "../transaction/operation.ts";
import { appendAudit, AUDIT_TAIL } from "./append-audit.ts";
import type { AuditSigner } from "./audit-signer.ts";
import { exportAudit } from "./export-audit.ts";
import { pruneAudit } from "./prune-audit.ts";
import { readAuditExport } from "./read-audit-export.ts";
import { verifyAudit, verifyAuditLog } from "./verify-audit.ts";

const signal = AbortSignal.timeout(120_000);
const authority = await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)));
const [one, two] = [await authority.signer(), await authority.signer()];
const connect = (server: EtcdServer) =>
  connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
const stand = (client: EtcdClient) =>
  client.campaign({ election: "engine/leader", value: { v: 1 }, ttlSeconds: 30 }, signal);

type Leader = { readonly client: EtcdClient; readonly term: Term; readonly signer: AuditSigner };

/** An act of a leader, and its entry in the same transaction. */
async function act({ client, term, signer }: Leader, hour: number): Promise<boolean> {
  const view = await client.snapshot(AUDIT_TAIL, signal);
  const audit = appendAudit(view, factsOf(hour), signer);
  const effect = put(keys.epoch(), { v: 1, epoch: hour, released: true });
  return (await term.transact({ when: audit.when, then: [effect, ...audit.then] }, signal)).committed;
}

describe.skipIf(findEtcd() === null)(`the audit log on a real etcd (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test("a deposed leader's entry is refused with its act, and leaves no gap behind the next leader's", async () => {
    await using server = await startEtcd();
    await using first = await connect(server);
    await using second = await connect(server);
    await using term = await stand(first);
    const old: Leader = { client: first, term, signer: one };
    for (const hour of [1, 2, 3]) expect(await act(old, hour)).toBe(true);

    // It has decided, and hears of nothing before it writes.
    const decided = appendAudit(await first.snapshot(AUDIT_TAIL, signal), factsOf(4), one);
    await second.transact({ when: [], then: [remove({ path: term.leaderKey })] }, signal);
    await using next = await stand(second);
    const refused = term.transact({ when: [], then: decided.then }, signal);
    await expect(refused).rejects.toMatchObject({ code: "ETCD_FENCED" });
    for (const hour of [5, 6]) expect(await act({ client: second, term: next, signer: two }, hour)).toBe(true);
    expect((await second.get(keys.audit(4), signal))?.value.subjects).toEqual(["m5"]);
    expect(await verifyAudit(second, { ca: authority.ca }, signal)).toMatchObject({ ok: true, entries: 5 });
  });

  test("a hundred old entries go in one fenced transaction, and what is left is sound", async () => {
    await using server = await startEtcd();
    await using client = await connect(server);
    await using term = await stand(client);
    for (let hour = 1; hour <= 101; hour += 1) expect(await act({ client, term, signer: one }, hour)).toBe(true);
    const entries: StoredValue[] = [];
    const spans = [{ start: keys.audit(1).path, end: keys.audit(102).path }];
    for await (const page of client.pages(spans, signal)) entries.push(...page.values);
    const at = factsOf(200).at;
    const view = await client.snapshot(AUDIT_TAIL, signal);
    const pruned = pruneAudit(view, entries, { before: at, at, signer: one, ca: authority.ca });
    if (!pruned.ok || pruned.transaction === null) throw new Error("not planned");
    expect((await term.transact(pruned.transaction, signal)).committed).toBe(true);
    expect(await verifyAudit(client, { ca: authority.ca }, signal)).toMatchObject({
      ok: true,
      entries: 1,
      anchor: 100,
    });
  });

  test("of many who append at once each entry comes once, in one chain", async () => {
    await using server = await startEtcd();
    await using client = await connect(server);
    let lost = 0;
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let index = 0; index < 10; index += 1)
          while (!(await append(client, factsOf(writer * 10 + index), writer % 2 === 0 ? one : two))) lost += 1;
      }),
    );
    // Had none of them met another, nothing would have been shown.
    expect(lost).toBeGreaterThan(0);
    const lines = await Array.fromAsync(exportAudit(client, signal));
    const verdict = await verifyAuditLog(await readAuditExport(lines), { ca: authority.ca }, signal);
    expect(verdict).toMatchObject({ ok: true, entries: 80 });
    expect(new Set(lines.slice(1).map((line) => /\\"subjects\\":\[(.*?)\]/.exec(line)?.[1])).size).toBe(80);
  });

  test("what somebody does with etcdctl is found", async () => {
    await using server = await startEtcd();
    await using client = await connect(server);
    for (const hour of [1, 2, 3, 4]) await append(client, factsOf(hour), one);
    const key = "/quarterdeck/audit/000000000002";
    const faultOf = async () => {
      const verdict = await verifyAudit(client, { ca: authority.ca }, signal);
      return verdict.ok ? null : [verdict.fault.code, verdict.fault.sequence];
    };
    const stored = (await etcdctl(server, "get", key, "--print-value-only")).replace(/\n$/, "");
    await etcdctl(server, "put", key, stored.replace("applied", "refused"));
    expect(await faultOf()).toEqual(["changed", 2]);
    await etcdctl(server, "put", key, stored);
    expect(await faultOf()).toBeNull();
    await etcdctl(server, "del", key);
    expect(await faultOf()).toEqual(["removed", 2]);
  });
});
