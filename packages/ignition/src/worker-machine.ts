import { agentUnit } from "./agent-unit.ts";
import { machineConfig } from "./machine-config.ts";
import { checkOptions, workerMachineSchema, type WorkerMachineOptions } from "./options.ts";
import type { IgnitionConfig } from "./spec.ts";

/**
 * A machine that runs units and nothing else.
 * @throws {CodedError} INVALID_CONFIG that names every option at fault with its path.
 */
export function workerMachine(options: WorkerMachineOptions): IgnitionConfig {
  const machine = checkOptions(workerMachineSchema, "worker machine", options);
  return machineConfig(machine, { engine: null, files: [], units: [agentUnit(machine)] });
}
