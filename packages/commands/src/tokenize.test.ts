import { expect, test } from "vitest";
import { tokenize } from "./tokenize.ts";

const words = (text: string): readonly string[] => {
  const tokens = tokenize(text);
  if (!tokens.ok) throw new Error(tokens.error.message);
  return tokens.value.words;
};

test.each([
  ["", []],
  ["   ", []],
  ["status", ["status"]],
  ["  start   hello.service ", ["start", "hello.service"]],
  ["deploy web 1.1.0 —yes", ["deploy", "web", "1.1.0", "--yes"]],
  ["deploy web 1.1.0 –no-block", ["deploy", "web", "1.1.0", "--no-block"]],
  ["deploy web 1.1.0 -yes", ["deploy", "web", "1.1.0", "--yes"]],
  ["status —output json", ["status", "--output", "json"]],
  ["status –o json", ["status", "-o", "json"]],
  ["status -o json", ["status", "-o", "json"]],
  ["status −−full", ["status", "--full"]],
  ["status — web", ["status", "--", "web"]],
  ["etcd set /a -5", ["etcd", "set", "/a", "-5"]],
  ["etcd set /a –5", ["etcd", "set", "/a", "-5"]],
  ["etcd set /a -", ["etcd", "set", "/a", "-"]],
  ["deploy web 1 --reason “fixes login”", ["deploy", "web", "1", "--reason", "fixes login"]],
  ["deploy web 1 —reason=“fixes login”", ["deploy", "web", "1", "--reason=fixes login"]],
  ["deploy web 1 --reason 'it is'", ["deploy", "web", "1", "--reason", "it is"]],
  ["deploy web 1 --reason ‘it is’", ["deploy", "web", "1", "--reason", "it is"]],
  ["deploy web 1 --reason isn't", ["deploy", "web", "1", "--reason", "isn't"]],
  ["deploy web 1 --reason isn’t", ["deploy", "web", "1", "--reason", "isn’t"]],
  ['etcd set /a "say \\"hi\\" \\\\ there"', ["etcd", "set", "/a", 'say "hi" \\ there']],
  ['etcd set /a ""', ["etcd", "set", "/a", ""]],
  ['etcd set /a "—yes"', ["etcd", "set", "/a", "—yes"]],
  ["start `hello.service`", ["start", "hello.service"]],
  ["start\u00a0hello.service\u200b", ["start", "hello.service"]],
  ["start a.service\nb.service", ["start", "a.service", "b.service"]],
  ["etcd set /a &lt;b&gt;&amp;c", ["etcd", "set", "/a", "<b>&c"]],
  ["start <mailto:web@1.service|web@1.service>", ["start", "web@1.service"]],
  ["etcd set /url <https://a.example/|a.example>", ["etcd", "set", "/url", "a.example"]],
  ["start $(reboot) ;`ls` a*", ["start", "$(reboot)", ";`ls`", "a*"]],
])("%s", (text, expected) => {
  expect(words(text)).toEqual(expected);
});

test.each([
  ["submit hello.service ```\n[Unit]\nDescription=x\n```", "[Unit]\nDescription=x\n"],
  ["submit hello.service ```[Unit]\nDescription=x```", "[Unit]\nDescription=x\n"],
  ["submit hello.service ```ini\n[Unit]\n```", "[Unit]\n"],
  ["submit hello.service ```\r\n[Unit]\r\nA=1\r\n```", "[Unit]\nA=1\n"],
  ["submit hello.service ```\n[Unit]\nA=“—x” &amp;&amp; 'b\n```", "[Unit]\nA=“—x” && 'b\n"],
])("a block of text is taken as it is: %j", (text, block) => {
  const tokens = tokenize(text);
  expect(tokens).toEqual({ ok: true, value: { words: ["submit", "hello.service"], textBlock: block } });
});

test("words after a block are words too", () => {
  expect(tokenize("submit a.service ```\nx\n``` --replace")).toMatchObject({
    ok: true,
    value: { words: ["submit", "a.service", "--replace"] },
  });
});

test.each(['say "hi', "say “hi", "a ```\nx"])("what is left open is refused: %j", (text) => {
  expect(tokenize(text)).toMatchObject({ ok: false, error: { code: "USAGE" } });
});
