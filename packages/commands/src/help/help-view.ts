import { nearest, refuse, succeed, type Result } from "@quarterdeck/model";
import { NOT_YET } from "../catalogue/not-yet.ts";
import type { Surface } from "../command-context.ts";
import type { CommandSpec } from "../grammar/define-command.ts";
import type { View, ViewBlock } from "../view.ts";
import { describeCommand, describeGlobals } from "./describe-command.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { GROUPS } from "./groups.ts";

/** Help on nothing in particular, on a verb, on `flags`, `exit-codes` or `not-yet`, as it is typed on that surface. Refuses with UNKNOWN_COMMAND, or NOT_YET. */
export function helpView(
  whole: readonly CommandSpec[],
  topic: readonly string[],
  surface: Surface = "terminal",
): Result<View> {
  const catalogue = whole.filter((spec) => spec.surfaces?.includes(surface) !== false);
  const fleet = surface === "slack" ? "/fleet" : "fleet";
  if (topic.length === 0)
    return succeed(viewOf({ verbs: catalogue.map((spec) => spec.name) }, overview(catalogue, fleet)));
  const name = topic.join(" ");
  if (name === "flags") return succeed(viewOf({ flags: describeGlobals() }, globalFlags()));
  if (name === "exit-codes") return succeed(viewOf({ exitCodes: EXIT_CODES }, exitCodes()));
  if (name === "not-yet") return succeed(viewOf({ notYet: NOT_YET }, notYet()));
  const spec = catalogue.find((one) => one.name === name || one.aliases?.includes(name) === true);
  if (spec !== undefined) return succeed(viewOf({ verb: spec.name, ...describeCommand(spec) }, command(spec, surface)));
  const below = catalogue.filter((one) => one.path[0] === name);
  if (below.length > 0)
    return succeed(
      viewOf({ verbs: below.map((one) => one.name) }, [{ kind: "heading", text: `${fleet} ${name}` }, briefs(below)]),
    );
  if (Object.hasOwn(NOT_YET, name))
    return refuse({
      code: "NOT_YET",
      message: `${name}: not yet`,
      why: `this version cannot ${NOT_YET[name] ?? name}`,
      try: "fleet help",
    });
  const close = nearest(name, [...catalogue.map((one) => one.name), "flags", "exit-codes", "not-yet"]);
  return refuse({
    code: "UNKNOWN_COMMAND",
    message: `there is no help on ${JSON.stringify(name)}`,
    try: close === null ? "fleet help" : `fleet help ${close}`,
  });
}

function viewOf(json: unknown, blocks: readonly ViewBlock[]): View {
  return { json, blocks, exitCode: 0 };
}

function overview(catalogue: readonly CommandSpec[], fleet: string): readonly ViewBlock[] {
  const chapters = GROUPS.flatMap(({ group, title }): readonly ViewBlock[] => {
    const members = catalogue.filter((spec) => spec.group === group);
    return members.length === 0 ? [] : [{ kind: "heading", text: title }, briefs(members)];
  });
  return [
    { kind: "note", tone: "neutral", text: `${fleet} VERB [ARGUMENTS] [FLAGS]` },
    ...chapters,
    {
      kind: "note",
      tone: "neutral",
      text: `More: ${fleet} help VERB, help flags, help exit-codes · ${Object.keys(NOT_YET).length} verbs are not yet there: help not-yet`,
    },
  ];
}

function briefs(specs: readonly CommandSpec[]): ViewBlock {
  return { kind: "fields", items: specs.map((spec) => ({ label: spec.name, value: spec.brief })) };
}

function command(spec: CommandSpec, surface: Surface): readonly ViewBlock[] {
  const described = describeCommand(spec);
  const slash = surface === "slack" ? "/" : "";
  const text = [`${spec.brief}.`, spec.description, surface === "terminal" ? spec.inTerminal : undefined]
    .filter((part) => part !== undefined)
    .join(" ");
  const examples = spec.examples.filter(({ only }) => only === undefined || only === surface);
  const list = (
    title: string,
    items: readonly { readonly label: string; readonly value: string }[],
  ): readonly ViewBlock[] =>
    items.length === 0
      ? []
      : [
          { kind: "heading", text: title },
          { kind: "fields", items },
        ];
  return [
    { kind: "code", language: "text", text: `${slash}${described.usage}` },
    { kind: "note", tone: "neutral", text },
    ...list("Arguments", described.arguments),
    ...list("Flags", [...described.flags, ...described.globals]),
    ...list(
      "Examples",
      examples.map((example) => ({ label: `${slash}fleet ${example.words}`, value: example.does })),
    ),
    ...(described.aliases.length === 0
      ? []
      : [{ kind: "note", tone: "neutral", text: `Also: ${described.aliases.join(", ")}` } as const]),
    { kind: "note", tone: "neutral", text: `Who may: ${described.access}` },
  ];
}

function globalFlags(): readonly ViewBlock[] {
  return [
    { kind: "heading", text: "Flags of every verb, before it or after it" },
    { kind: "fields", items: describeGlobals() },
  ];
}

function notYet(): readonly ViewBlock[] {
  return [
    { kind: "heading", text: "Not yet: a later version brings them" },
    { kind: "fields", items: Object.entries(NOT_YET).map(([verb, brief]) => ({ label: verb, value: brief })) },
  ];
}

function exitCodes(): readonly ViewBlock[] {
  return [
    { kind: "heading", text: "Exit codes" },
    { kind: "fields", items: Object.entries(EXIT_CODES).map(([code, says]) => ({ label: code, value: says })) },
  ];
}
