import type { JournalFormat } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { formatJournalLine } from "./format-journal-line.ts";

const entry = {
  at: "2026-11-24T08:05:09.120Z",
  message: "one\ntwo",
  priority: 6,
  identifier: "web",
  pid: 7,
  cursor: "c",
};

test.each([
  ["short", "Nov 24 08:05:09 m1 web[7]: one\n    two"],
  ["short-precise", "Nov 24 08:05:09.120000 m1 web[7]: one\n    two"],
  ["short-iso", "2026-11-24T08:05:09+0000 m1 web[7]: one\n    two"],
  ["short-iso-precise", "2026-11-24T08:05:09.120000+0000 m1 web[7]: one\n    two"],
  ["short-full", "Tue 2026-11-24 08:05:09 UTC m1 web[7]: one\n    two"],
  ["short-unix", "1795507509.120000 m1 web[7]: one\n    two"],
  ["cat", "one\ntwo"],
] satisfies [JournalFormat, string][])("%s is %j", (format, line) => {
  expect(formatJournalLine(entry, "m1", format)).toBe(line);
});

test("json has journald's names", () => {
  expect(JSON.parse(formatJournalLine(entry, "m1", "json"))).toMatchObject({
    __CURSOR: "c",
    __REALTIME_TIMESTAMP: "1795507509120000",
    MESSAGE: "one\ntwo",
    SYSLOG_IDENTIFIER: "web",
    _PID: "7",
  });
});

test("what only a journald knows is refused", () => {
  expect(() => formatJournalLine(entry, "m1", "verbose")).toThrow("plain processes");
});
