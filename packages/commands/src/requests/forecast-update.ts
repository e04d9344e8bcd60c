import type { Forecast, MachineId, RequestOutcome } from "@quarterdeck/model";
import type { CommandUpdate } from "../command-update.ts";
import { reasonLine } from "../derive/reason-line.ts";
import type { Facts } from "../facts/facts.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { done } from "../show/final.ts";
import { count, tableBlock } from "../show/table.ts";
import { nameOf } from "./move-steps.ts";

type Foreseen = {
  readonly request: string;
  readonly applied: Extract<RequestOutcome, { kind: "applied" }>;
  readonly flags: GlobalFlags;
};

/** The last update of a dry run: what the change would lead to, step by step, each with its reason. */
export function forecastUpdate(facts: Facts, { request, applied, flags }: Foreseen): CommandUpdate {
  const steps = applied.forecast ?? [];
  const json = {
    request,
    changed: applied.changed,
    reason: reasonLine(applied.reason),
    steps: steps.map(({ reason, ...step }) => ({ ...step, reason: reasonLine(reason) })),
  };
  const name = (machine: MachineId | null): string => (machine === null ? "-" : nameOf(facts, machine));
  const table = tableBlock<Forecast>(
    steps,
    [
      { key: "step", cell: (row) => row.step },
      { key: "unit", cell: (row) => row.units.join(", ") },
      { key: "from", cell: (row) => name(row.from) },
      { key: "to", cell: (row) => name(row.to) },
      { key: "reason", cell: (row) => reasonLine(row.reason) },
    ],
    flags,
    count(steps.length, "step"),
  );
  const nothing = applied.changed.length === 0 ? "nothing would change" : "no unit would be started, stopped or moved";
  return done(json, [
    ...(steps.length === 0 ? [{ kind: "note", tone: "neutral", text: nothing } as const] : [table]),
    { kind: "note", tone: "neutral", text: "a dry run: nothing was changed" },
  ]);
}
