import { nearest, refuse, succeed, type Result } from "@quarterdeck/model";
import { NOT_YET } from "../catalogue/not-yet.ts";
import type { CommandSpec } from "../grammar/define-command.ts";
import type { View, ViewBlock } from "../view.ts";
import { describeCommand, describeGlobals } from "./describe-command.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { GROUPS } from "./groups.ts";

/** Help on nothing in particular, on a verb, on `flags` or on `exit-codes`. Refuses with UNKNOWN_COMMAND, or NOT_YET. */
export function helpView(catalogue: readonly CommandSpec[], topic: readonly string[]): Result<View> {
  if (topic.length === 0) return succeed(viewOf({ verbs: catalogue.map((spec) => spec.name) }, overview(catalogue)));
  const name = topic.join(" ");
  if (name === "flags") return succeed(viewOf({ flags: describeGlobals() }, globalFlags()));
  if (name === "exit-codes") return succeed(viewOf({ exitCodes: EXIT_CODES }, exitCodes()));
  const spec = catalogue.find((one) => one.name === name || one.aliases?.includes(name) === true);
  if (spec !== undefined) return succeed(viewOf({ verb: spec.name, ...describeCommand(spec) }, command(spec)));
  const below = catalogue.filter((one) => one.path[0] === name);
  if (below.length > 0)
    return succeed(
      viewOf({ verbs: below.map((one) => one.name) }, [{ kind: "heading", text: `fleet ${name}` }, briefs(below)]),
    );
  if (Object.hasOwn(NOT_YET, name))
    return refuse({
      code: "NOT_YET",
      message: `${name}: not yet`,
      why: `this version cannot ${NOT_YET[name] ?? name}`,
      try: "fleet help",
    });
  const close = nearest(name, [...catalogue.map((one) => one.name), "flags", "exit-codes"]);
  return refuse({
    code: "UNKNOWN_COMMAND",
    message: `there is no help on ${JSON.stringify(name)}`,
    try: close === null ? "fleet help" : `fleet help ${close}`,
  });
}

function viewOf(json: unknown, blocks: readonly ViewBlock[]): View {
  return { json, blocks, exitCode: 0 };
}

function overview(catalogue: readonly CommandSpec[]): readonly ViewBlock[] {
  const chapters = GROUPS.flatMap(({ group, title }): readonly ViewBlock[] => {
    const members = catalogue.filter((spec) => spec.group === group);
    return members.length === 0 ? [] : [{ kind: "heading", text: title }, briefs(members)];
  });
  return [
    { kind: "note", tone: "neutral", text: "fleet VERB [ARGUMENTS] [FLAGS], in Slack /fleet VERB …" },
    ...chapters,
    { kind: "note", tone: "neutral", text: "More: help VERB, help flags, help exit-codes" },
    { kind: "note", tone: "neutral", text: `Not yet: ${Object.keys(NOT_YET).join(" ")}` },
  ];
}

function briefs(specs: readonly CommandSpec[]): ViewBlock {
  return { kind: "fields", items: specs.map((spec) => ({ label: spec.name, value: spec.brief })) };
}

function command(spec: CommandSpec): readonly ViewBlock[] {
  const described = describeCommand(spec);
  const text = spec.description === undefined ? `${spec.brief}.` : `${spec.brief}. ${spec.description}`;
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
    { kind: "code", language: "text", text: described.usage },
    { kind: "note", tone: "neutral", text },
    ...list("Arguments", described.arguments),
    ...list("Flags", [...described.flags, ...described.globals]),
    ...list(
      "Examples",
      spec.examples.map((example) => ({ label: `fleet ${example.words}`, value: example.does })),
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

function exitCodes(): readonly ViewBlock[] {
  return [
    { kind: "heading", text: "Exit codes" },
    { kind: "fields", items: Object.entries(EXIT_CODES).map(([code, says]) => ({ label: code, value: says })) },
  ];
}
