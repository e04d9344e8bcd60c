import { mergeMetadata, type Metadata } from "@quarterdeck/model";
import type { MachineFacts } from "./facts.ts";

/** What a machine is called and where it is; of a machine that is gone, as it was last seen. Empty when never seen. */
export function hostnameOf(machine: MachineFacts): string {
  return machine.presence?.hostname ?? machine.record?.lastPresence.hostname ?? "";
}

export function addressOf(machine: MachineFacts): string {
  return machine.presence?.address ?? machine.record?.lastPresence.address ?? "";
}

/** As the planner sees it. */
export function metadataOf(machine: MachineFacts): Metadata {
  return mergeMetadata(
    (machine.presence ?? machine.record?.lastPresence)?.metadata ?? {},
    machine.record?.metadata ?? {},
  );
}

/** The agent's version, without which a machine never joined. */
export function versionOf(machine: MachineFacts): string | null {
  return (machine.presence ?? machine.record?.lastPresence)?.versions["agent"] ?? null;
}

export type MachineState = "running" | "cordoned" | "lost";

export function machineStateOf(machine: MachineFacts): MachineState {
  if (machine.presence === null) return "lost";
  return machine.record?.cordoned === true ? "cordoned" : "running";
}
