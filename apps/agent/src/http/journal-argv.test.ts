import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { journalArgv, needsSeek, seekArgv } from "./journal-argv.ts";
import type { JournalQuery } from "./journal-query.ts";

const plain: JournalQuery = {
  unit: "web@1.service" as UnitName,
  lines: 10,
  follow: false,
  sinceSeconds: null,
  grep: null,
  format: null,
};

test("the newest lines are asked of journalctl at once", () => {
  expect(needsSeek(plain)).toBe(false);
  expect(journalArgv(plain, "newest")).toEqual([
    "--output=json",
    "--all",
    "--lines=10",
    "--no-pager",
    "--quiet",
    "--unit=web@1.service",
  ]);
  expect(journalArgv({ ...plain, follow: true, format: "cat" }, "newest")).toEqual(
    expect.arrayContaining(["--output=cat", "--lines=10", "--follow"]),
  );
});

test("the newest that match are looked up backwards first, and printed from there on", () => {
  const query = { ...plain, grep: "-x; reboot", sinceSeconds: 1_700_000_000 };
  expect(needsSeek(query)).toBe(true);
  expect(seekArgv(query)).toEqual([
    "--output=json",
    "--output-fields=PRIORITY",
    "--reverse",
    "--lines=10",
    "--since=@1700000000",
    "--no-pager",
    "--quiet",
    "--unit=web@1.service",
    "--grep=-x; reboot",
  ]);
  expect(journalArgv({ ...query, follow: true }, { cursor: "s=1;i=2" })).toEqual([
    "--output=json",
    "--all",
    "--cursor=s=1;i=2",
    "--follow",
    "--no-tail",
    "--no-pager",
    "--quiet",
    "--unit=web@1.service",
    "--grep=-x; reboot",
  ]);
});

test("whoever follows what nothing matches yet begins now", () => {
  expect(journalArgv({ ...plain, grep: "boom", follow: true }, "now")).toEqual(
    expect.arrayContaining(["--since=now", "--follow", "--no-tail", "--grep=boom"]),
  );
});
