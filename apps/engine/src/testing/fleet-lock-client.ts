import type { EtcdClient, Snapshot } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import { answerQuestion } from "../fleet-lock/answer-question.ts";
import { deriveFleetLockId } from "../fleet-lock/derive-fleet-lock-id.ts";
import { createMachineFinder } from "../fleet-lock/find-machine.ts";
import type { FleetLockAnswer } from "../fleet-lock/fleet-lock-answer.ts";
import type { EngineWorld } from "./engine-world.ts";

/** What an engine answers a machine that speaks FleetLock, in group `default` and without a certificate; held as long as the world's clock lets it. */
export type FleetLockClient = (
  step: "ask" | "steady",
  machine: MachineId,
  more?: { readonly group?: string; readonly peer?: string | null },
) => Promise<FleetLockAnswer>;

export function createFleetLockClient(world: EngineWorld, view: Snapshot): FleetLockClient {
  const parts = {
    etcd: world.etcd.connect() as EtcdClient,
    clock: world.clock,
    findMachine: createMachineFinder(view),
  };
  const { signal } = new AbortController();
  return (step, machine, { group = "default", peer = null } = {}) =>
    answerQuestion(parts, { question: { step, id: deriveFleetLockId(machine), group }, peer }, signal);
}
