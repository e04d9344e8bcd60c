import { expect, test } from "vitest";
import { CATALOGUE } from "../catalogue/catalogue.ts";
import { NOT_YET } from "../catalogue/not-yet.ts";
import { outputOf } from "./global-flags.ts";
import { parseWords } from "./parse-words.ts";

const parse = async (line: string, surface: "terminal" | "slack" = "terminal") =>
  parseWords(line === "" ? [] : line.split(" "), surface);

test.each([
  ["status", "status"],
  ["list-units", "list-units"],
  ["journal hello.service", "journal"],
  ["logs hello.service", "journal"],
  ["logs -f hello.service -n 50", "journal"],
  ["etcd get /a", "etcd get"],
  ["etcd ls", "etcd ls"],
  ["start a.service b.service --no-block", "start"],
  ["deploy web 1.1.0 --max-parallel 25% --allow-tag", "deploy"],
  ["-o json status", "status"],
  ["--timeout 5m --no-block start a.service", "start"],
  ["--output=json status", "status"],
  ["-l list-machines", "list-machines"],
  ["", "help"],
  ["--help", "help"],
  ["-h", "help"],
  ["deploy --help", "help"],
  ["deploy web 1 -h", "help"],
  ["etcd", "help"],
  ["etcd get --help", "help"],
  ["help etcd get", "help"],
  ["--version", "version"],
  ["version", "version"],
])("%j is %s", async (line, name) => {
  const call = await parse(line);
  expect(call).toMatchObject({ ok: true, value: { spec: { name } } });
});

test("global flags are the same before the verb and after it", async () => {
  const before = await parse("-o json --timeout 1h30m --fields a,b --reason x --yes list-units");
  const after = await parse("list-units -o json --timeout 1h30m --fields a,b --reason x --yes");
  const flags = {
    output: "json",
    timeout: 5400,
    fields: ["a", "b"],
    reason: "x",
    yes: true,
    full: false,
    noBlock: false,
  };
  expect(before).toMatchObject({ ok: true, value: { flags } });
  expect(after).toMatchObject({ ok: true, value: { flags } });
});

test("--no-block means not to block, and is no negation of anything", async () => {
  expect(await parse("start a.service")).toMatchObject({ ok: true, value: { flags: { noBlock: false } } });
  expect(await parse("start a.service --no-block")).toMatchObject({ ok: true, value: { flags: { noBlock: true } } });
});

test.each([
  ["depoly web", "UNKNOWN_COMMAND", "fleet deploy web"],
  ["restrat a.service", "UNKNOWN_COMMAND", "fleet restart a.service"],
  ["rollbakc web", "UNKNOWN_COMMAND", "fleet help"],
  [
    "strat hello.service --reason it's --no-block",
    "UNKNOWN_COMMAND",
    "fleet start hello.service --reason 'it'\\''s' --no-block",
  ],
  ["etcd gte /a", "UNKNOWN_COMMAND", "fleet etcd get /a"],
  ["start --nosuch a.service", "USAGE", "fleet help start"],
  ["start --noblock a.service", "USAGE", "write --no-block"],
  ["deploy web 1 --max-paralel 2", "USAGE", "write --max-parallel"],
  ["etcd put /a b", "UNKNOWN_COMMAND", "fleet help etcd"],
  ["list-unit", "UNKNOWN_COMMAND", "fleet list-units"],
  ["xyzzyxyzzy", "UNKNOWN_COMMAND", "fleet help"],
  ["etcd lls", "UNKNOWN_COMMAND", "fleet etcd ls"],
  ["etcd frobnicate", "UNKNOWN_COMMAND", "fleet help etcd"],
  ["start", "USAGE", "fleet help start"],
  ["deploy web", "USAGE", "fleet help deploy"],
  ["deploy web 1 2", "USAGE", "fleet help deploy"],
  ["status --ful", "USAGE", "write --full"],
  ["status -z", "USAGE", "fleet help status"],
  ["status -o yaml", "USAGE", "fleet help status"],
  ["status --timeout soon", "USAGE", "fleet help status"],
  ["status --timeout", "USAGE", "fleet help status"],
  ["status --timeout 1 --timeout 2", "USAGE", "fleet help status"],
  ["journal a.service --lines many", "USAGE", "fleet help journal"],
  ["rollback web", "NOT_YET", "fleet help"],
  ["lock prod --for 2h --steal", "NOT_YET", "fleet help"],
  ["deploy web 1 --at tomorrow", "NOT_YET", "fleet help deploy"],
  ["deploy web 1 --override", "NOT_YET", "fleet help deploy"],
])("%j is refused with %s", async (line, code, hint) => {
  expect(await parse(line)).toMatchObject({ ok: false, error: { code, try: hint } });
});

test("what this version cannot do is said in a whole sentence", async () => {
  expect(await parse("login prod")).toMatchObject({
    error: { why: "this version cannot make a context for another cluster" },
  });
});

test("what only a terminal can do is refused in Slack, with the words for a terminal", async () => {
  expect(await parse("etcd set /a b", "slack")).toMatchObject({
    ok: false,
    error: { code: "USAGE", try: "in a terminal: fleet etcd set" },
  });
});

test("every verb of the reference is either there or known not to be", () => {
  const promised =
    "submit load start stop restart unload destroy cat status journal ssh verify list-machines list-units list-unit-files version help services deploy rollback scale releases rollouts rollout pause resume abort promote plan remove reconcile approve reject locks lock unlock freezes freeze unfreeze can-i whoami policy audit machine set-metadata cordon drain uncordon rebalance why brake events incidents ack silence etcd doctor backup restore roll updates login slack".split(
      " ",
    );
  const there = new Set(CATALOGUE.map((spec) => spec.path[0] ?? ""));
  expect(promised.filter((verb) => there.has(verb) === Object.hasOwn(NOT_YET, verb))).toEqual([]);
});

test.each([
  [["status", "-o", "json"], "json"],
  [["--output=json", "status"], "json"],
  [["bogus", "--output", "json"], "json"],
  [["start", "json"], "table"],
  [["etcd", "set", "/a", "--", "-o", "json"], "table"],
  [[], "table"],
] as const)("the form of an error is known before the words are: %j → %s", (words, output) => {
  expect(outputOf(words)).toBe(output);
});
