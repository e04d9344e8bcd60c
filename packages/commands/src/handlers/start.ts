import { keys } from "@quarterdeck/etcd";
import { CodedError, isTemplate, splitUnitName, templateOf, type UnitName } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import type { Facts } from "../facts/facts.ts";
import { readFacts } from "../facts/read-facts.ts";
import { readUnitText } from "../facts/read-unit-text.ts";
import type { Handler } from "../grammar/define-command.ts";
import { readUnitFiles, type UnitText } from "../names/read-unit-files.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { judgeLoad } from "../requests/judge-load.ts";
import { judgeStart } from "../requests/judge-start.ts";
import { mutate } from "../requests/mutate.ts";
import { unitMutation } from "./change-units.ts";
import type { ReplaceFlags } from "./submit.ts";

export const start: Handler<ReplaceFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const { units, files, facts } = await resolve("start", args, context, signal);
  const once = await whichRunOnce({ units, files, facts }, context, signal);
  const judge = judgeStart((unit) => once.has(unit));
  const action = { verb: "start" as const, units: [...units], files: [...files], replace: flags.replace };
  yield* mutate(unitMutation({ action, units, flags, doing: "Starting", judge, did: "started" }), context, signal);
};

export const load: Handler<ReplaceFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const { units, files } = await resolve("load", args, context, signal);
  const action = { verb: "load" as const, units: [...units], files: [...files], replace: flags.replace };
  yield* mutate(
    unitMutation({ action, units, flags, doing: "Loading", judge: judgeLoad, did: "loaded" }),
    context,
    signal,
  );
};

type Asked = { readonly units: readonly UnitName[]; readonly files: readonly UnitText[]; readonly facts: Facts };

async function resolve(
  verb: string,
  words: readonly string[],
  context: CommandContext,
  signal: AbortSignal,
): Promise<Asked> {
  const { names, files } = await readUnitFiles(words, context);
  const facts = await readFacts(context, signal);
  const { units } = orThrow(resolveUnits(facts, names, { verb, sent: new Set(files.map((file) => file.name)) }));
  const template = units.find(isTemplate);
  if (template !== undefined) throw templateCannot(facts, verb, template);
  return { units, files, facts };
}

/** The engine would say the same, but only after a request was written. */
export function templateCannot(facts: Facts, verb: string, name: UnitName): CodedError {
  const { prefix, suffix } = splitUnitName(name);
  return new CodedError("USAGE", {
    message: `${name} is a template, of which nothing runs`,
    why: "a template is text for its instances; only an instance runs",
    try: facts.services.has(prefix) ? `fleet deploy ${prefix} VERSION` : `fleet ${verb} ${prefix}@1${suffix}`,
  });
}

/** By the text that will run: what is sent along, else what the cluster has, of the unit or of its template. */
export async function whichRunOnce(
  { units, files, facts }: Asked,
  context: CommandContext,
  signal: AbortSignal,
): Promise<ReadonlySet<UnitName>> {
  const sent = new Map<UnitName, string>(files.map((file) => [file.name, file.text]));
  const once = new Set<UnitName>();
  for (const unit of units) {
    const template = templateOf(unit);
    const hash =
      facts.units.get(unit)?.value.hash ?? (template === null ? undefined : facts.units.get(template)?.value.hash);
    const stored = hash === undefined ? null : await context.etcd.get(keys.unitFile(hash), signal);
    const text = stored?.value.text ?? sent.get(unit) ?? (template === null ? undefined : sent.get(template));
    if (text !== undefined && readUnitText(text).runsOnce) once.add(unit);
  }
  return once;
}
