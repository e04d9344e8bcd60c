import { agentUnit } from "./agent-unit.ts";
import { engineUnit } from "./engine-unit.ts";
import { etcdUnit } from "./etcd-unit.ts";
import { machineConfig } from "./machine-config.ts";
import { checkOptions, etcdMachineSchema, type EtcdMachineOptions } from "./options.ts";
import { seedFiles } from "./seed-files.ts";
import type { IgnitionConfig } from "./spec.ts";

/**
 * A machine with an etcd member and an engine and, where `schedulable`, an agent.
 * @throws {CodedError} INVALID_CONFIG that names every option at fault with its path.
 */
export function etcdMachine(options: EtcdMachineOptions): IgnitionConfig {
  const machine = checkOptions(etcdMachineSchema, "etcd machine", options);
  return machineConfig(machine, {
    engine: machine.engine,
    files: seedFiles(machine.seed),
    units: [etcdUnit(machine), engineUnit(machine), ...(machine.schedulable ? [agentUnit(machine)] : [])],
  });
}
