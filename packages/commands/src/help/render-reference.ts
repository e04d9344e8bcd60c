import { CATALOGUE } from "../catalogue/catalogue.ts";
import { NOT_YET } from "../catalogue/not-yet.ts";
import type { CommandSpec } from "../grammar/define-command.ts";
import { describeCommand, describeGlobals, type Line } from "./describe-command.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { GROUPS } from "./groups.ts";
import { SHAPES } from "./shapes.ts";

/** docs/reference/cli.md, out of the catalogue that parses and runs. */
export function renderReference(): string {
  return [
    "# `fleet` and `/fleet`",
    "",
    "<!-- Written by `pnpm --filter @quarterdeck/commands reference`; a test holds it to the catalogue. -->",
    "",
    "One grammar: `fleet VERB …` in a terminal, `/fleet VERB …` in Slack. In Slack an em dash, en dash or single dash before a flag's name is a",
    "double dash, quotes may be curly, and `submit NAME` takes the unit file from a ``` block in the text.",
    "",
    "A machine is named by its id, any unique prefix of 4 or more hex digits, its host name or its address. A service's name where a unit is",
    "expected means its replicas. Verbs that change something wait until it is true and show progress.",
    "",
    "## Global flags",
    "",
    "Before the verb or after it.",
    "",
    ...table(["flag", "does"], describeGlobals()),
    "",
    "## Exit codes",
    "",
    ...table(
      ["code", "says"],
      Object.entries(EXIT_CODES).map(([code, says]) => ({ label: code, value: says })),
    ),
    "",
    "Errors are `error[CODE]: what happened`, then `why:`, `who can fix it:` and `try:` lines on stderr; with `--output json` one document on stdout:",
    '`{"error": {"code", "message", "why", "try", "correlationId"}}`. A change that was applied and did not come true prints its own document with `error` in it.',
    "`correlationId` is the request's id, else a random one; with `QUARTERDECK_DEBUG` set it is printed in text too, as a line `id:`.",
    "",
    "## JSON",
    "",
    "One document on stdout. Ids are never shortened, times are RFC 3339, what is nothing is null.",
    "",
    ...table(
      ["command", "document"],
      SHAPES.map(({ command, shape }) => ({ label: command, value: `\`${shape.replaceAll("|", "\\|")}\`` })),
    ),
    "",
    ...CONTEXTS,
    ...GROUPS.flatMap(({ group, title }) =>
      chapter(
        title,
        CATALOGUE.filter((spec) => spec.group === group),
      ),
    ),
    "## Not yet",
    "",
    "Known, and refused with `NOT_YET` (exit 2) until a later version brings them:",
    "",
    ...Object.entries(NOT_YET).map(([verb, brief]) => `- \`${verb}\`: ${brief}`),
    "",
  ].join("\n");
}

/** What is not a verb and belongs to the terminal alone. */
const CONTEXTS: readonly string[] = [
  "## Contexts",
  "",
  "`$QUARTERDECK_HOME/contexts/<name>.json` says how to reach a cluster: `{name, endpoints, prefix, ca, cert, key, user, transport}`, the certificates as",
  "paths, `user` as `operator:<user>`, `transport` as `direct` (`ssm` and `ssh` are not yet). `npm start` writes `local`, the default; `--context NAME` or",
  "`QUARTERDECK_CONTEXT` chooses another. The field `lab`, where it is there, is the control socket of the lab that the cluster lives in: while it does",
  "not answer nothing is sent to the lab's addresses, and every verb is refused with `UNREACHABLE`. On a machine of the cluster that has no context, `/etc/quarterdeck/quarterdeck.toml` and `pki/api.pem` are used.",
  "",
  "## Certificate names",
  "",
  "`machine:<id>`, `etcd`, `engine`, `bot`, `operator:<name>`, `root`: the common name is who etcd, the agents and the engine take the holder for.",
  "",
];

function chapter(title: string, specs: readonly CommandSpec[]): readonly string[] {
  return specs.length === 0 ? [] : [`## ${title}`, "", ...specs.flatMap(section)];
}

function section(spec: CommandSpec): readonly string[] {
  const described = describeCommand(spec);
  const only =
    spec.surfaces === undefined
      ? ""
      : ` In ${spec.surfaces.map((surface) => (surface === "slack" ? "Slack" : "the terminal")).join(" and ")} only.`;
  const alias = described.aliases.length === 0 ? "" : ` Also \`${described.aliases.join("`, `")}\`.`;
  const list = (lines: readonly Line[]): readonly string[] => lines.map((line) => `- \`${line.label}\`: ${line.value}`);
  return [
    `### ${spec.name}`,
    "",
    "```",
    described.usage,
    "```",
    "",
    `${spec.brief}.${spec.description === undefined ? "" : ` ${spec.description}`}${spec.inTerminal === undefined ? "" : ` ${spec.inTerminal}`}${alias}${only}`,
    "",
    ...list([...described.arguments, ...described.flags]),
    ...(spec.globals.length === 0
      ? []
      : [`- global flags that matter here: ${described.globals.map((line) => `\`${line.label}\``).join(", ")}`]),
    `- who may: ${described.access}`,
    "",
    "```",
    ...spec.examples.map(
      (example) => `${example.only === "slack" ? "/" : ""}fleet ${example.words}   # ${example.does}`,
    ),
    "```",
    "",
  ];
}

function table(heads: readonly [string, string], lines: readonly Line[]): readonly string[] {
  return [
    `| ${heads.join(" | ")} |`,
    "|---|---|",
    ...lines.map((line) => `| \`${line.label.replaceAll("|", "\\|")}\` | ${line.value} |`),
  ];
}
