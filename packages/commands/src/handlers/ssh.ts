import { CodedError, type Result } from "@quarterdeck/model";
import type { Facts, MachineFacts } from "../facts/facts.ts";
import { addressOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler } from "../grammar/define-command.ts";
import { chooseCopy } from "../names/choose-copy.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";

export type SshFlags = {
  readonly machine?: string;
  readonly user?: string;
  readonly port?: number;
  readonly forwardAgent: boolean;
};

export const ssh: Handler<SshFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const [name = "", ...command] = args;
  if (context.openSsh === undefined || flags.output === "json")
    throw new CodedError("USAGE", {
      message: "ssh takes over a terminal and prints no document",
      try: `fleet ssh ${name}`,
    });
  const { machine, ...at } = meantBy(await readFacts(context, signal), name, flags.machine);
  const address = addressOf({ machine, ...at });
  if (address === "")
    throw new CodedError("MACHINE_UNREACHABLE", {
      message: `nobody knows the address of ${machine.slice(0, 8)}`,
      why: "its agent has never said where it is",
      try: "fleet list-machines",
    });
  const { user = "core", port = 22, forwardAgent } = flags;
  const exitCode = await context.openSsh({ machine, address, user, port, forwardAgent, command }, signal);
  yield { kind: "done", final: true, view: { json: null, blocks: [], exitCode } };
};

/** A machine's name, else a unit's, which means the machine that has it. A lost machine is tried all the same: its sshd may well answer. */
function meantBy(facts: Facts, name: string, where: string | undefined): MachineFacts {
  const machine = resolveMachine(facts, name);
  if (machine.ok && where === undefined) return machine.value;
  const units = resolveUnits(facts, [name], { verb: "ssh" });
  if (!units.ok) return orThrow(closer(name, machine, units));
  return orThrow(resolveMachine(facts, chooseCopy(facts, units.value.units, { machine: where, verb: "ssh" }).machine));
}

/** Which of the two refusals helps: a unit's name has a dot, and several machines were almost right. */
function closer(name: string, machine: Result<MachineFacts>, units: Result<unknown>): Result<MachineFacts> {
  const asMachine = machine.ok || machine.error.code === "USAGE" || !name.includes(".");
  return asMachine || units.ok ? machine : units;
}
