import type { MachineId, Metadata } from "@quarterdeck/model";
import type { Facts, MachineFacts } from "../facts/facts.ts";
import {
  addressOf,
  hostnameOf,
  machineStateOf,
  metadataOf,
  versionOf,
  type MachineState,
} from "../facts/machine-words.ts";

/** A row of `list-machines`, and its JSON. */
export type MachineRow = {
  readonly machine: MachineId;
  readonly hostname: string;
  readonly ip: string;
  readonly metadata: Metadata;
  /** `lost`: known, and its lease is gone. */
  readonly state: MachineState;
  readonly version: string | null;
};

/** In order of host name, as people look for them; then of id. */
export function deriveMachineRows(facts: Facts): readonly MachineRow[] {
  return [...facts.machines.values()]
    .map(deriveMachineRow)
    .toSorted(
      (a, b) => a.hostname.localeCompare(b.hostname, "en", { numeric: true }) || (a.machine < b.machine ? -1 : 1),
    );
}

export function deriveMachineRow(machine: MachineFacts): MachineRow {
  return {
    machine: machine.machine,
    hostname: hostnameOf(machine),
    ip: addressOf(machine),
    metadata: metadataOf(machine),
    state: machineStateOf(machine),
    version: versionOf(machine),
  };
}
