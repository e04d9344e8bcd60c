import type { DebianTools } from "../debian-tools.ts";
import type { LabHome } from "../home.ts";
import type { HostNames } from "../host-names.ts";
import type { CgroupMounts } from "./cgroup.ts";
import type { MachineDisk } from "./disk.ts";
import type { MachineRecord } from "./machine-record.ts";
import type { MountSpace } from "./mount-space.ts";

/** What a machine needs of the lab around it. */
export type MachineSite = {
  readonly home: LabHome;
  readonly names: HostNames;
  readonly cgroups: CgroupMounts;
  readonly space: MountSpace;
  readonly tools: DebianTools;
  /** Host directory → path in every machine: programs. */
  readonly readOnlyBinds: ReadonlyMap<string, string>;
  /** Host directory → path in this machine: its data. */
  bindsOf(disk: MachineDisk): ReadonlyMap<string, string>;
  addressOf(number: number): string;
  /** The Ignition config of a machine, as canonical JSON: the same text for the same machine until something changed. */
  configOf(record: MachineRecord): Promise<string>;
  /** Plugs a link into the bridge, with all faults in force, or pulls it. Called again whenever nspawn made the link anew. */
  setCable(link: string, plugged: boolean, signal: AbortSignal): Promise<void>;
  /** A state that `lab list` shows changed. */
  changed(): void;
  /** Something went wrong where nobody waits for it. */
  report(error: unknown): void;
};
