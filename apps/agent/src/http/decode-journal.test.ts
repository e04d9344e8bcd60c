import { expect, test } from "vitest";
import { decodeJournal } from "./decode-journal.ts";

const line = (fields: Record<string, unknown>) =>
  JSON.stringify({
    __REALTIME_TIMESTAMP: "1795487788392123",
    __CURSOR: "s=1",
    PRIORITY: "6",
    SYSLOG_IDENTIFIER: "web",
    _PID: "69",
    MESSAGE: "hello",
    ...fields,
  });

test("a plain entry", () => {
  expect(decodeJournal(line({}))).toEqual({
    at: "2026-11-24T02:36:28.392Z",
    message: "hello",
    priority: 6,
    identifier: "web",
    pid: 69,
    cursor: "s=1",
  });
});

test.each([
  ["bytes that are no text", [104, 105, 255], "hi\uFFFD"],
  ["a repeated field", ["one", "two"], "one\ntwo"],
  ["a repeated field with bytes in it", ["one", [116, 119, 111]], "one\ntwo"],
  ["a field that was too long", null, ""],
  ["no such field", undefined, ""],
])("a message of %s", (_, MESSAGE, message) => {
  expect(decodeJournal(line({ MESSAGE }))?.message).toBe(message);
});

test("an entry without identifier or priority", () => {
  expect(
    decodeJournal(line({ SYSLOG_IDENTIFIER: undefined, _COMM: "sleep", PRIORITY: undefined, _PID: undefined })),
  ).toMatchObject({ identifier: "sleep", priority: 6, pid: null });
});

test.each(["-- Boot 1234 --", "", "{}", "[1]", '{"__CURSOR":1}'])("%j is no entry", (text) => {
  expect(decodeJournal(text)).toBeNull();
});
