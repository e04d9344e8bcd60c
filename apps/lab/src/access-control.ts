import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyRoles, type RootConnection } from "@quarterdeck/etcd";
import type { LabHome } from "./home.ts";
import type { MachineRecord } from "./machine/machine-record.ts";

/** etcd's users and roles, by certificate names alone, and its access control as a whole. */
export type AccessControl = {
  /** Whether an earlier start turned it on. */
  isOn(): boolean;
  /** Lets these in and turns it on; nothing is lost by doing it again. `operators` are names without the `operator:`. */
  admit(machines: readonly MachineRecord[], operators: readonly string[], signal: AbortSignal): Promise<void>;
};

/** `connection` is that of `root`. */
export function accessControl(home: LabHome, connection: RootConnection, prefix: string): AccessControl {
  // Beside the disks that hold etcd's data, so that both are wiped together.
  const mark = join(home.machines, "access-control-is-on");
  return {
    isOn: () => existsSync(mark),
    async admit(machines, operators, signal) {
      const ids = machines.map(({ machine }) => machine);
      await applyRoles(
        connection,
        { machines: ids, operators: [...operators, ...ids.map((id) => `api-${id}`)], prefix },
        signal,
      );
      if (!existsSync(mark)) await writeFile(mark, "");
    },
  };
}
