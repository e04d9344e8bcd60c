import { CodedError, type UnitName } from "@quarterdeck/model";
import { copiesOf, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { orThrow } from "../or-throw.ts";
import { whereIs } from "../requests/judge-start.ts";
import { resolveMachine } from "./resolve-machine.ts";

export type ChosenCopy = Copy & { readonly unit: UnitName };

type Options = {
  /** As `--machine` named it. */
  readonly machine: string | undefined;
  /** For what to type instead. */
  readonly verb: string;
};

/**
 * The one copy that is meant: on the named machine, else the only one that is up, else the only one there is.
 * @throws {CodedError} NOT_FOUND · USAGE when several are meant
 */
export function chooseCopy(facts: Facts, units: readonly UnitName[], { machine, verb }: Options): ChosenCopy {
  const all = units.flatMap((unit) => copiesOf(facts, unit).map((copy): ChosenCopy => ({ ...copy, unit })));
  const only = machine === undefined ? null : orThrow(resolveMachine(facts, machine)).machine;
  const there = only === null ? all : all.filter((copy) => copy.machine === only);
  const live = there.filter((copy) => copy.live);
  const [first, ...others] = live.length > 0 ? live : there;
  const name = units.join(", ");
  if (first === undefined)
    throw new CodedError("NOT_FOUND", {
      message: `${name} is on no machine${machine === undefined ? "" : ` called ${machine}`}`,
      try: `fleet why ${units[0] ?? ""}`,
    });
  if (others.length === 0) return first;
  throw new CodedError("USAGE", {
    message: `${name}: ${others.length + 1} copies; say which`,
    why: [first, ...others].map((copy) => `${copy.unit} on ${whereIs(copy)}`).join(", "),
    try: `fleet ${verb} ${first.unit} --machine ${whereIs(first)}`,
  });
}
