import { isTemplate, type UnitName } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { judgeStart } from "../requests/judge-start.ts";
import { mutate, type Mutation } from "../requests/mutate.ts";
import type { View, ViewBlock } from "../view.ts";
import { namesOf, unitMutation } from "./change-units.ts";
import { templateCannot, whichRunOnce } from "./start.ts";

export const restart: Handler<NoFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const facts = await readFacts(context, signal);
  const { units } = orThrow(resolveUnits(facts, args, { verb: "restart" }));
  const template = units.find(isTemplate);
  if (template !== undefined) throw templateCannot(facts, "restart", template);
  const once = await whichRunOnce({ units, files: [], facts }, context, signal);
  const judge = judgeStart((unit) => once.has(unit));
  const restarting = (some: readonly UnitName[]): Mutation => {
    const action = { verb: "restart" as const, units: [...some] };
    return unitMutation({ action, units: some, flags, doing: "Restarting", judge, did: "restarted" });
  };
  // What nobody waits for has no order, and a forecast is of all of it.
  const together = units.length === 1 || flags.noBlock || context.dryRun === true;
  yield* together
    ? mutate(restarting(units), context, signal)
    : oneAfterAnother(units, { restarting, context }, signal);
};

type Rolling = {
  readonly restarting: (units: readonly UnitName[]) => Mutation;
  readonly context: CommandContext;
};

/** A request for each unit, the next one when the one before is up again; the first that does not come up is the last. */
async function* oneAfterAnother(
  units: readonly UnitName[],
  { restarting, context }: Rolling,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const did: UnitName[] = [];
  for (const unit of units) {
    for await (const update of mutate(restarting([unit]), contextOf(context, unit, did.length), signal)) {
      if (update.kind === "lines") continue;
      const steps = stepsOf(units, { did, doing: unit, failed: update.final && update.view.exitCode !== 0 });
      if (!update.final) yield { ...update, view: { ...update.view, blocks: [...update.view.blocks, steps] } };
      else if (update.view.exitCode !== 0 || did.length === units.length - 1) {
        yield { ...update, view: lastView(update.view, { units, did, steps }) };
        return;
      }
    }
    did.push(unit);
  }
}

/** The first request has the id that the words have; the others have ids of their own, which the same words give again. */
function contextOf(context: CommandContext, unit: UnitName, before: number): CommandContext {
  if (before === 0 || context.idempotencyKey === undefined) return context;
  return { ...context, idempotencyKey: `${context.idempotencyKey}/${unit}` };
}

type Came = { readonly did: readonly UnitName[]; readonly doing: UnitName; readonly failed: boolean };

function stepsOf(units: readonly UnitName[], { did, doing, failed }: Came): ViewBlock {
  const items = units.map((unit) => {
    if (did.includes(unit)) return { label: unit, state: "done", detail: "restarted" } as const;
    if (unit === doing) return { label: unit, state: failed ? "failed" : "active", detail: "restarting" } as const;
    if (failed) return { label: unit, state: "untouched", detail: "left as it was" } as const;
    return { label: unit, state: "pending", detail: "waits" } as const;
  });
  return { kind: "steps", items };
}

type All = { readonly units: readonly UnitName[]; readonly did: readonly UnitName[]; readonly steps: ViewBlock };

/** The document of the last request, with all that were restarted before it. */
function lastView(view: View, { units, did, steps }: All): View {
  const json = typeof view.json === "object" && view.json !== null ? view.json : {};
  const own = "changed" in json && Array.isArray(json.changed) ? json.changed : [];
  const changed = { ...json, changed: [...did, ...own] };
  if (view.exitCode !== 0) return { ...view, json: changed, blocks: [...view.blocks, steps] };
  return { json: changed, blocks: [{ kind: "note", tone: "good", text: `restarted ${namesOf(units)}` }], exitCode: 0 };
}
