import type { MachineId } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";

/** The JSON of `brake status`. */
export type BrakeStatus = {
  readonly state: "off" | "on" | "released";
  /** When it came on, or was released. */
  readonly since: string | null;
  /** Why the engine holds, or why a person let it go on. */
  readonly reason: string | null;
  /** Who released it. */
  readonly by: string | null;
  /** Of a release: those it holds for and that are not back. Of a brake that is on: all that are gone. */
  readonly machines: readonly { readonly machine: MachineId; readonly hostname: string }[];
};

export function deriveBrake(facts: Facts): BrakeStatus {
  const { brake } = facts;
  const named = (machines: readonly MachineId[]): BrakeStatus["machines"] =>
    machines.map((machine) => {
      const at = facts.machines.get(machine);
      return { machine, hostname: at === undefined ? "" : hostnameOf(at) };
    });
  if (brake !== null && brake.on !== null) {
    const gone = [...facts.machines.values()].filter(({ presence }) => presence === null);
    return {
      state: "on",
      since: brake.on.since,
      reason: brake.on.reason.text,
      by: null,
      machines: named(gone.map(({ machine }) => machine)),
    };
  }
  if (brake?.release != null) {
    const { at, by, why, machines } = brake.release;
    return { state: "released", since: at, reason: why, by, machines: named(machines) };
  }
  return { state: "off", since: null, reason: null, by: null, machines: [] };
}
