import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { JournalQuery } from "./journal-query.ts";
import { readJournal } from "./read-journal.ts";

const query: JournalQuery = {
  unit: "web.service" as UnitName,
  lines: 10,
  follow: false,
  sinceSeconds: null,
  grep: null,
  format: null,
};
const signal = AbortSignal.timeout(20_000);

/** A program in journalctl's place; `body` is a shell script, and what it was called with stands in `argv`, an element a line. */
async function journalctl(body: string) {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-journalctl-"));
  const path = join(dir, "journalctl");
  await writeFile(path, `#!/bin/sh\nprintf '%s\\n' "$@" >> ${dir}/argv\n${body}\n`);
  await chmod(path, 0o755);
  return {
    path,
    dir,
    argv: async () => (await readFile(join(dir, "argv"), "utf8")).trimEnd().split("\n"),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

const raw = (cursor: string, message: string): string =>
  JSON.stringify({ __CURSOR: cursor, __REALTIME_TIMESTAMP: "1700000000000000", MESSAGE: message });

test("without a format entries are our own objects, and what is no entry is left out", async () => {
  await using program = await journalctl(`echo '${raw("c", "hello")}'; echo '-- Boot 1 --'`);
  const lines = await Array.fromAsync(readJournal(query, signal, program.path));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { at: "2023-11-14T22:13:20.000Z", message: "hello", priority: 6, identifier: "", pid: null, cursor: "c" },
  ]);
});

test("with a format its lines come as they are, and a pattern is one argument, whatever is in it", async () => {
  await using program = await journalctl(
    `case "$*" in *--reverse*) echo '${raw("s=9", "new")}'; echo '${raw("s=7", "old")}';; *) echo 'as it is';; esac`,
  );
  const asked = { ...query, format: "cat", grep: "$(touch x) --since=now `id`" } as const;
  expect(await Array.fromAsync(readJournal(asked, signal, program.path))).toEqual(["as it is"]);
  const argv = await program.argv();
  expect(argv.filter((element) => element === "--grep=$(touch x) --since=now `id`")).toHaveLength(2);
  expect(argv).toContain("--cursor=s=7");
});

test("a pattern that nothing matches is an empty journal, one that journalctl refuses an error in its words", async () => {
  await using nothing = await journalctl("exit 1");
  expect(await Array.fromAsync(readJournal({ ...query, grep: "x" }, signal, nothing.path))).toEqual([]);
  await using bad = await journalctl("echo 'Bad pattern' >&2; exit 1");
  await expect(Array.fromAsync(readJournal({ ...query, grep: "(" }, signal, bad.path))).rejects.toMatchObject({
    code: "FAILED",
    message: expect.stringContaining("Bad pattern") as string,
  });
  await expect(Array.fromAsync(readJournal(query, signal, join(bad.dir, "not there")))).rejects.toMatchObject({
    code: "FAILED",
  });
});

test("journalctl writes no faster than it is read, and ends when nobody reads any more", async () => {
  await using program = await journalctl(
    `echo $$ > "$(dirname "$0")/pid"; n=0; while :; do n=$((n+1)); echo $n > "$(dirname "$0")/written"; head -c 65536 /dev/zero | tr '\\0' x; echo; done`,
  );
  const written = async () => Number(await readFile(join(program.dir, "written"), "utf8").catch(() => "0"));
  const lines = readJournal({ ...query, follow: true, format: "cat" }, signal, program.path)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toHaveLength(65_536);
  let before = -1;
  await expect
    .poll(
      async () => {
        const now = await written();
        const still = now === before;
        before = now;
        return still;
      },
      { interval: 200 },
    )
    .toBe(true);
  expect(before).toBeLessThan(20);
  const pid = Number(await readFile(join(program.dir, "pid"), "utf8"));
  await lines.return?.();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("a journal in which nothing happens is let go of, too", async () => {
  await using program = await journalctl(`echo $$ > "$(dirname "$0")/pid"; echo one; exec sleep 60`);
  const lines = readJournal({ ...query, follow: true, format: "cat" }, signal, program.path)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("one");
  const pid = Number(await readFile(join(program.dir, "pid"), "utf8"));
  await lines.return?.();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("an entry without an end does not become one string", async () => {
  await using program = await journalctl("head -c 5000000 /dev/zero | tr '\\0' x");
  const lines = await Array.fromAsync(readJournal({ ...query, format: "cat" }, signal, program.path));
  expect(lines.reduce((sum, line) => sum + line.length, 0)).toBe(5_000_000);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2 * 1024 * 1024);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
