import type { View } from "@quarterdeck/commands";
import { expect, test } from "vitest";
import { createPrinter } from "./printer.ts";
import { fakeTerminal } from "./testing/fake-terminal.ts";

const note = (text: string, exitCode: View["exitCode"] = 0): View => ({
  json: { text },
  blocks: [{ kind: "note", tone: "neutral", text }],
  exitCode,
});

test("on a terminal progress is one line that is written anew and goes away", () => {
  const terminal = fakeTerminal({ isTerminal: true });
  const printer = createPrinter(terminal, "table");
  printer.progress(note("one"));
  printer.progress(note("one"));
  printer.progress(note("x".repeat(200)));
  expect(printer.finish(note("done"))).toBe(0);
  expect(terminal.err()).toBe(`\r\u001b[Kone\r\u001b[K${"x".repeat(79)}\r\u001b[K`);
  expect(terminal.out()).toBe("done\n");
});

test("elsewhere each change is a line on stderr, and none with JSON", () => {
  const terminal = fakeTerminal();
  const printer = createPrinter(terminal, "table");
  for (const text of ["one", "one", "two"]) printer.progress(note(text));
  expect(terminal.err()).toBe("one\ntwo\n");
  const json = fakeTerminal();
  createPrinter(json, "json").progress(note("one"));
  expect(json.err()).toBe("");
});

test("with JSON there is one document on stdout, for errors too", () => {
  const terminal = fakeTerminal();
  expect(createPrinter(terminal, "json").finish(note("x", 5))).toBe(5);
  expect(JSON.parse(terminal.out())).toEqual({ text: "x" });
  expect(terminal.err()).toBe("");
});

test("without JSON what went wrong is on stderr, and stdout stays empty", () => {
  const terminal = fakeTerminal();
  expect(createPrinter(terminal, "table").finish(note("bad", 1))).toBe(1);
  expect([terminal.out(), terminal.err()]).toEqual(["", "bad\n"]);
});

test("followed lines are printed at once, harmless on a terminal", () => {
  const terminal = fakeTerminal({ isTerminal: true });
  createPrinter(terminal, "table").lines(["a\u001b[2J"]);
  expect(terminal.out()).toBe("a\\x1b[2J\n");
});
