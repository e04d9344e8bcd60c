import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StoredValue } from "../port.ts";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { append, factsOf } from "../testing/audit-story.ts";
import { fakeEtcd } from "../testing/fake-etcd.ts";
import { AUDIT_TAIL } from "./append-audit.ts";
import { exportAudit } from "./export-audit.ts";
import { pruneAudit } from "./prune-audit.ts";

const signal = AbortSignal.timeout(60_000);
const missing = ["bash", "openssl", "jq", "sha256sum"].filter(
  (tool) => spawnSync(tool, ["--version"]).error !== undefined,
);
const document = await readFile(new URL("../../../../docs/audit.md", import.meta.url), "utf8");
const commands = [...document.matchAll(/^```sh\n([\s\S]+?)^```$/gm)].map(([, block]) => block ?? "").join("");
const authority = await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)));

/** What the commands of docs/audit.md print, in a directory that holds the export and the authority. */
async function byHand(lines: readonly string[], ca: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "quarterdeck-audit-"));
  try {
    await writeFile(join(directory, "audit.jsonl"), lines.map((line) => `${line}\n`).join(""));
    await writeFile(join(directory, "ca.pem"), ca);
    const child = spawn("bash", ["-c", commands], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await once(child, "close");
    return output;
  } finally {
    await rm(directory, { recursive: true });
  }
}

test.skipIf(missing.length > 0)(
  "the commands of docs/audit.md find a log sound, and a changed entry, another authority and another's signature",
  { timeout: 60_000 },
  async () => {
    const etcd = fakeEtcd();
    for (const hour of [1, 2, 3]) await append(etcd, factsOf(hour), await authority.signer());
    const lines = await Array.fromAsync(exportAudit(etcd, signal));
    const sound = await byHand(lines, authority.ca);
    expect(sound).toMatch(
      /engine\.pem: OK[\s\S]*subject=CN ?= ?engine[\s\S]*Verified OK\n([0-9a-f]{64}) is the last hash, \1 the/,
    );
    expect(sound).not.toContain("broken");

    const view = await etcd.snapshot(AUDIT_TAIL, signal);
    const entries: StoredValue[] = [];
    for await (const page of etcd.pages([{ start: "audit/0", end: "audit/1" }], signal)) entries.push(...page.values);
    const options = { before: factsOf(9).at, at: factsOf(9).at, signer: await authority.signer(), ca: authority.ca };
    const pruned = pruneAudit(view, entries, options);
    if (!pruned.ok || pruned.transaction === null) throw new Error("not pruned");
    await etcd.transact(pruned.transaction, signal);
    const behind = await byHand(await Array.fromAsync(exportAudit(etcd, signal)), authority.ca);
    expect(behind).toMatch(/Verified OK\n([0-9a-f]{64}) is the last hash, \1 the/);
    expect(behind).not.toContain("broken");

    const stranger = await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)));
    const changed = lines.map((line, index) => (index === 2 ? line.replace("applied", "refused") : line));
    const strange = await byHand(changed, stranger.ca);
    expect(strange).toContain("broken before audit/000000000003");
    expect(strange).not.toContain("engine.pem: OK");

    const [seals = "", ...rest] = lines;
    const moved = seals.replace(String.raw`\"sequence\":3`, String.raw`\"sequence\":2`);
    expect(moved).not.toBe(seals);
    const cut = await byHand([moved, ...rest.slice(0, 2)], authority.ca);
    expect(cut).not.toContain("Verified OK");
    expect(cut).not.toMatch(/([0-9a-f]{64}) is the last hash, \1 the/);
  },
);
