import type { Machine, MachineState } from "./machine/machine.ts";

/** A row of `lab list -o json`. `pid` is the machine's init seen from outside. */
export type MachineView = {
  readonly name: string;
  readonly machine: string;
  readonly ip: string;
  readonly state: MachineState;
  readonly pid: number | null;
};

export function viewMachine(machine: Machine): MachineView {
  return {
    name: machine.name,
    machine: machine.record.machine,
    ip: machine.address,
    state: machine.state,
    pid: machine.pid,
  };
}
