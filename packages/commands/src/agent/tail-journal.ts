import { CodedError, type MachineId, type Result, type UnitName } from "@quarterdeck/model";
import type { AgentAddress } from "../agent-reader.ts";
import type { CommandContext } from "../command-context.ts";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { askAgent } from "./ask-agent.ts";

type Tail = { readonly unit: UnitName; readonly machine: MachineId; readonly lines: number };

/** The newest journal lines of a unit on a machine, oldest first, or why they cannot be had; gives up after 3 s. */
export function tailJournal(
  context: CommandContext,
  facts: Facts,
  { unit, machine, lines }: Tail,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  return askAgent(
    context,
    (until) =>
      Array.fromAsync(context.agent.journal(agentAddress(facts, machine), { unit, lines, follow: false }, until)),
    signal,
  );
}

/**
 * Where a machine's agent listens.
 *
 * @throws {CodedError} MACHINE_UNREACHABLE while the machine is lost
 */
export function agentAddress(facts: Facts, machine: MachineId): AgentAddress {
  const at = facts.machines.get(machine);
  if (at !== undefined && at.presence !== null)
    return { machine, address: at.presence.address, port: at.presence.agentPort };
  const name = at === undefined ? "" : hostnameOf(at);
  throw new CodedError("MACHINE_UNREACHABLE", {
    message: `${name === "" ? machine.slice(0, 8) : name} is lost`,
    why: "its lease has ended: it is off, or cut off",
    try: "fleet list-machines",
  });
}
