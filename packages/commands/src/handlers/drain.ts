import { CodedError } from "@quarterdeck/model";
import { deriveMachine } from "../derive/derive-machine.ts";
import type { MachineFacts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { orThrow } from "../or-throw.ts";
import { mutate } from "../requests/mutate.ts";
import { count } from "../show/table.ts";
import { relocationMutation } from "./change-relocation.ts";
import { namesOf } from "./change-units.ts";

export const drain: Handler<NoFlags, readonly [string]> = async function* ({ flags, args }, context, signal) {
  const facts = await readFacts(context, signal);
  const machine = orThrow(resolveMachine(facts, args[0]));
  const name = hostnameOf(machine);
  const units = deriveMachine(facts, machine)
    .units.filter(({ target }) => target === "launched" || target === "loaded")
    .map(({ unit }) => unit);
  if (!flags.yes) {
    const question = `drain ${name}: cordon it and move ${count(units.length, "unit")} elsewhere?`;
    if (context.confirm === undefined || !(await context.confirm(question, signal))) throw unconfirmed(machine, units);
  }
  const action = { verb: "drain" as const, machine: machine.machine };
  yield* mutate(relocationMutation({ action, flags, heading: `Draining ${name}` }), context, signal);
};

function unconfirmed(machine: MachineFacts, units: readonly string[]): CodedError {
  const name = hostnameOf(machine);
  return new CodedError("CONFIRMATION_NEEDED", {
    message: `${count(units.length, "unit")} on ${name} would be moved, and it would take no others`,
    ...(units.length === 0 ? {} : { why: namesOf(units) }),
    try: `fleet drain ${name} --yes`,
  });
}
