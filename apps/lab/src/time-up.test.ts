import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachInside } from "./machine/inside.ts";
import { plainShell } from "./plain/plain-shell.ts";

let folder = "";
let said: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qd-shell-"));
  said = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const LINE = "lab: sleep was stopped: its time of 0.1 s was up; give it more with --timeout\n";

// This process stands in for a machine's init: its namespaces are entered like any other's.
test.skipIf(process.getuid?.() !== 0)(
  "a command whose time is up in a machine is said on stderr, with 124",
  async () => {
    const attach = (argv: readonly string[], timeoutMs: number) =>
      attachInside({ leader: process.pid, cgroup: folder, environment: {}, argv, timeoutMs });
    expect(await attach(["sleep", "60"], 100)).toBe(124);
    expect(said).toEqual([LINE]);
    expect(await attach(["sh", "-c", "exit 124"], 60_000)).toBe(124);
    expect(said).toEqual([LINE]);
  },
);

test("a command whose time is up in a plain machine is said on stderr, with 124", async () => {
  expect(await plainShell({ root: folder, environment: {}, argv: ["sleep", "60"], timeoutMs: 100 })).toBe(124);
  expect(said).toEqual([LINE]);
});
