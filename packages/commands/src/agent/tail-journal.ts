import { CodedError, problemOf, refuse, succeed, type MachineId, type Result, type UnitName } from "@quarterdeck/model";
import type { AgentAddress } from "../agent-reader.ts";
import type { CommandContext } from "../command-context.ts";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";

type Tail = { readonly unit: UnitName; readonly machine: MachineId; readonly lines: number };

/** The newest journal lines of a unit on a machine, oldest first, or why they cannot be had; gives up after 3 s. */
export async function tailJournal(
  context: CommandContext,
  facts: Facts,
  tail: Tail,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  const over = new AbortController();
  const late = context.clock.sleep(3000, AbortSignal.any([signal, over.signal])).then(
    () => over.abort(new CodedError("MACHINE_UNREACHABLE", { message: "its agent did not answer in 3 s" })),
    // The answer, or the caller, was quicker.
    () => undefined,
  );
  try {
    const at = agentAddress(facts, tail.machine);
    const lines: string[] = [];
    for await (const line of context.agent.journal(
      at,
      { unit: tail.unit, lines: tail.lines, follow: false },
      AbortSignal.any([signal, over.signal]),
    ))
      lines.push(line);
    over.signal.throwIfAborted();
    return succeed(lines);
  } catch (error) {
    signal.throwIfAborted();
    return refuse(problemOf(over.signal.aborted ? over.signal.reason : error));
  } finally {
    over.abort();
    await late;
  }
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
