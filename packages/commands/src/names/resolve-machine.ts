import { refuse, succeed, type MachineId, type Result } from "@quarterdeck/model";
import type { Facts, MachineFacts } from "../facts/facts.ts";
import { addressOf, hostnameOf } from "../facts/machine-words.ts";

/** A machine by its id, a unique prefix of 4 or more hex digits, its host name or its address. Refuses with NOT_FOUND, or USAGE when several are meant. */
export function resolveMachine(facts: Facts, word: string): Result<MachineFacts> {
  const machines = [...facts.machines.values()];
  const exact = facts.machines.get(word as MachineId);
  if (exact !== undefined) return succeed(exact);
  const named = machines.filter((machine) => hostnameOf(machine) === word || addressOf(machine) === word);
  const prefixed = /^[0-9a-f]{4,32}$/.test(word) ? machines.filter((machine) => machine.machine.startsWith(word)) : [];
  const found = named.length > 0 ? named : prefixed;
  const [only] = found;
  if (only === undefined) {
    return refuse({
      code: "NOT_FOUND",
      message: `there is no machine ${JSON.stringify(word)}`,
      why: "a machine is named by its id, 4 or more of its first hex digits, its host name or its address",
      try: "fleet list-machines",
    });
  }
  if (found.length === 1) return succeed(only);
  return refuse({
    code: "USAGE",
    message: `${JSON.stringify(word)} means ${found.length} machines`,
    why: found.map((machine) => `${machine.machine} ${hostnameOf(machine)}`).join(", "),
    try: "more digits of the id: fleet list-machines --full",
  });
}
