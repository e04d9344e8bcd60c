import { expect, test } from "vitest";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { append, factsOf } from "../testing/audit-story.ts";
import { fakeEtcd, type FakeEtcd } from "../testing/fake-etcd.ts";
import { exportAudit } from "./export-audit.ts";
import { readAuditExport } from "./read-audit-export.ts";
import { verifyAudit, verifyAuditLog } from "./verify-audit.ts";

const signal = AbortSignal.timeout(60_000);
const authority = await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)));
const engine = await authority.signer();

async function cluster(count: number): Promise<FakeEtcd> {
  const etcd = fakeEtcd();
  for (let hour = 1; hour <= count; hour += 1) await append(etcd, factsOf(hour), engine);
  return etcd;
}

const read = async (lines: readonly string[]) =>
  verifyAuditLog(await readAuditExport(lines), { ca: authority.ca }, signal);

test("an export is a line for the seals and a line an entry, in ASCII, and is sound by itself", async () => {
  const etcd = await cluster(5);
  const lines = await Array.fromAsync(exportAudit(etcd, signal));
  expect(lines.length).toBe(6);
  for (const line of lines) expect(line).toMatch(/^\{[ -~]+\}$/);
  expect(await read(lines)).toEqual(await verifyAudit(etcd, { ca: authority.ca }, signal));
  expect(await read([...lines, ""])).toMatchObject({ ok: true, entries: 5 });
});

test("what is appended while it is read is not in it", async () => {
  const etcd = await cluster(3);
  const lines: string[] = [];
  for await (const line of exportAudit(etcd, signal)) {
    lines.push(line);
    await append(etcd, factsOf(10 + lines.length), engine);
  }
  expect(await read(lines)).toMatchObject({ ok: true, entries: 3 });
  expect(await verifyAudit(etcd, { ca: authority.ca }, signal)).toMatchObject({ ok: true, entries: 7 });
});

test("an export that was cut short is not sound", async () => {
  const lines = await Array.fromAsync(exportAudit(await cluster(5), signal));
  expect(await read(lines.slice(0, 4))).toMatchObject({ ok: false, fault: { code: "removed", sequence: 4 } });
});

test.each([
  ["nothing", [], 1],
  ["something else", ['{"v":1,"kind":"else"}'], 1],
  ["an export of a later form", ["HEADER", '{"v":2}'], 2],
  ["half a line", ["HEADER", '{"key":"audit/00'], 2],
])("%s is no export, and the line is named", async (_, lines, number) => {
  const [header = ""] = await Array.fromAsync(exportAudit(await cluster(1), signal));
  const given = lines.map((line) => (line === "HEADER" ? header : line));
  await expect(read(given)).rejects.toMatchObject({
    code: "INVALID_JSON",
    message: expect.stringContaining(`line ${number} `),
  });
});
