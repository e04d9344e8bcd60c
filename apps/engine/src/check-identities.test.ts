import { keys, type Operation } from "@quarterdeck/etcd";
import { policySchema, type RequestAction } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { checkIdentities } from "./check-identities.ts";
import { hashText } from "./hash-text.ts";
import { actorFacts, HELLO_TEXT, name, OPERATOR, requestFacts, unitFacts } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const BOT_TEXT = `${HELLO_TEXT}[X-Fleet]\nIdentity=bot\n`;
const BY_INSTANCE = `${HELLO_TEXT}[X-Fleet]\nIdentity=%i\n`;
const pager = name("pager.service");
const template = name("pager@.service");

/** As a policy was written before there were grants. */
const before = policySchema.parse({
  v: 1,
  rules: [{ subjects: ["operator:anna"], verbs: ["submit", "load", "start", "unload"] }],
});
const granted = policySchema.parse({
  v: 1,
  rules: [...before.rules, { subjects: ["operator:anna"], verbs: ["identity:bot"] }],
});

const known = (unit: string, text: string): readonly Operation[] => [
  stored(keys.unit(name(unit)), unitFacts({ hash: hashText(text) })),
  stored(keys.unitFile(hashText(text)), { v: 1, text }),
];

async function check(action: RequestAction, there: readonly Operation[] = [], policy = before) {
  const view = await viewOf(stored(keys.policy(), policy), ...there);
  return checkIdentities(view, requestFacts(action, { actor: actorFacts(OPERATOR) }));
}

const submit = (unit: string, text: string): RequestAction => ({
  verb: "submit",
  files: [{ name: name(unit), text }],
  replace: true,
});
const start = (unit: string, ...files: readonly { readonly file: string; readonly text: string }[]): RequestAction => ({
  verb: "start",
  units: [name(unit)],
  files: files.map(({ file, text }) => ({ name: name(file), text })),
  replace: true,
});

test.each<[string, RequestAction, readonly Operation[]]>([
  ["a new unit", submit(pager, BOT_TEXT), []],
  ["a unit that had another text", submit(pager, BOT_TEXT), known(pager, HELLO_TEXT)],
  ["a template", submit(template, BOT_TEXT), []],
  ["a unit that is started from its file", start(pager, { file: pager, text: BOT_TEXT }), []],
  [
    "a unit that fleet's API unloads with its new text",
    { ...start(pager, { file: pager, text: BOT_TEXT }), verb: "unload" } as RequestAction,
    [],
  ],
  ["an instance of a template that came along", start("pager@1.service", { file: template, text: BOT_TEXT }), []],
  ["an instance that makes a known template ask", start("pager@bot.service"), known(template, BY_INSTANCE)],
  [
    "an instance that is given its template's new text",
    start("pager@bot.service"),
    [...known(template, BY_INSTANCE), ...known("pager@bot.service", HELLO_TEXT)],
  ],
  [
    "the same with the text at hand",
    start("pager@bot.service", { file: "pager@bot.service", text: BY_INSTANCE }),
    known(template, BY_INSTANCE),
  ],
])("who may submit and start, and no more, is refused an identity for %s", async (_, action, there) => {
  expect(await check(action, there)).toMatchObject({ code: "FORBIDDEN", whoCanFix: "nobody, until a rule is added" });
  expect(await check(action, there, granted)).toBeNull();
});

test.each<[string, RequestAction, readonly Operation[]]>([
  ["start of a unit that has it", start(pager), known(pager, BOT_TEXT)],
  ["the very text that the unit has", submit(pager, BOT_TEXT), known(pager, BOT_TEXT)],
  ["an instance of a template that has it", start("pager@1.service"), known(template, BOT_TEXT)],
  [
    "the same with the text at hand",
    start("pager@1.service", { file: "pager@1.service", text: BOT_TEXT }),
    known(template, BOT_TEXT),
  ],
  ["a text that asks for none", submit(pager, HELLO_TEXT), known(pager, BOT_TEXT)],
  ["a template whose instances may ask", submit(template, BY_INSTANCE), []],
  ["an instance of it that does not", start("pager@1.service"), known(template, BY_INSTANCE)],
  ["a text that is broken, which is refused for that", submit(pager, `${BOT_TEXT}Nonsense=1\n`), []],
])("%s needs no grant", async (_, action, there) => {
  expect(await check(action, there)).toBeNull();
});
