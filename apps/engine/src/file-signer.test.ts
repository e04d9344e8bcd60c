import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendAudit, AUDIT_TAIL, keys } from "@quarterdeck/etcd";
import { createAuditAuthority, fakeEtcd, type AuditAuthority } from "@quarterdeck/etcd/testing";
import type { Timestamp } from "@quarterdeck/model";
import { createAuthority, profiles } from "@quarterdeck/pki";
import { afterAll, expect, test } from "vitest";
import { createFileSigner } from "./file-signer.ts";

const now = new Date();
const { signal } = new AbortController();
const authority = await createAuthority("Quarterdeck test", now);
const issue = () => authority.issue(profiles.engine(), { now });
const directory = await mkdtemp(join(tmpdir(), "quarterdeck-signer-"));
const files = {
  cert: join(directory, "engine.pem"),
  key: join(directory, "engine-key.pem"),
  ca: join(directory, "ca.pem"),
};
await writeFile(files.ca, authority.cert);
afterAll(() => rm(directory, { recursive: true }));

/** As what renews certificates does it: a whole file takes the other's place. */
async function place(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

test("a renewed pair signs from the next act on; half of one, a broken one and none leave the old one in use", async () => {
  const [first, second] = [await issue(), await issue()];
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  await place(files.cert, first.cert);
  await place(files.key, first.key);
  const signer = createFileSigner(files, { info: note, warn: note, error: note });
  const certificate = () => signer.sign(Buffer.from("act")).certificate;
  expect(certificate()).toBe(first.cert);

  await place(files.cert, second.cert);
  expect([certificate(), certificate()]).toEqual([first.cert, first.cert]);
  await place(files.key, "garbage");
  expect(certificate()).toBe(first.cert);
  await rm(files.key);
  expect(certificate()).toBe(first.cert);
  expect(lines.filter((line) => line.includes("INVALID_CERTIFICATE")).length).toBe(3);
  await place(files.key, second.key);
  expect([certificate(), certificate()]).toEqual([second.cert, second.cert]);
  expect(lines.filter((line) => line.includes("renewed")).length).toBe(1);
});

test("a head is an engine's of this cluster, or the journal says that it is not", async () => {
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const [ours, theirs] = [await createAuditAuthority(now), await createAuditAuthority(now)];
  const { cert, key } = await issue();
  await place(files.cert, cert);
  await place(files.key, key);
  await place(files.ca, ours.ca);
  const signer = createFileSigner(files, { info: note, warn: note, error: note });
  const etcd = fakeEtcd();
  const head = async (by: AuditAuthority) => {
    const facts = {
      at: now.toISOString() as Timestamp,
      actor: null,
      request: null,
      act: "x",
      subjects: [],
      outcome: "",
    };
    await etcd.transact(appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), facts, await by.signer()), signal);
    const written = (await etcd.get(keys.auditHead(), signal))?.value;
    if (written === undefined) throw new Error("no head");
    return written;
  };
  expect(signer.vouches(await head(ours))).toBe(true);
  expect(lines).toEqual([]);
  const foreign = await head(theirs);
  expect(signer.vouches(foreign)).toBe(false);
  expect(lines).toEqual([expect.stringContaining("no engine of this cluster signed the audit log's head")]);
  // While one authority takes another's place.
  await place(files.ca, `${ours.ca}${theirs.ca}`);
  expect(signer.vouches(foreign)).toBe(true);
});

test("no usable pair at the start ends the engine, with the file's name", async () => {
  const missing = join(directory, "nothing.pem");
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  expect(() => createFileSigner({ ...files, cert: missing }, silent)).toThrow(
    expect.objectContaining({ code: "INVALID_CERTIFICATE", message: expect.stringContaining(missing) }),
  );
});
