import { PATHS } from "./paths.ts";
import { SANDBOX } from "./sandbox.ts";
import { renderCommand, renderUnit, type Setting } from "./unit-text.ts";

/** What differs between the daemons that are our own binary. */
interface DaemonUnit {
  readonly role: "agent" | "engine";
  readonly description: string;
  /** Directory below `/opt/quarterdeck`. */
  readonly version: string;
  readonly memoryMiB: number;
  readonly oomScoreAdjust: number;
  /** `RestartSec=`. */
  readonly restartAfter: string;
  /** Options of Node beyond those in the binary. */
  readonly nodeOptions?: readonly string[];
  readonly settings: readonly Setting[];
}

/**
 * A service that runs `quarterdeck <role>`, restarted for ever. No unit of the schedule depends on it and it depends on none
 * (no `Requires=`, `BindsTo=` or `PartOf=`), so stopping or restarting it stops nothing else; what it leaves behind in its own
 * cgroup is killed, and scheduled units live in theirs.
 */
export function daemonUnit(unit: DaemonUnit): string {
  const nodeOptions = unit.nodeOptions === undefined ? [] : [`--node-options=${unit.nodeOptions.join(" ")}`];
  return renderUnit([
    [
      "Unit",
      [
        ["Description", unit.description],
        ["Wants", "network-online.target"],
        // Not after quarterdeck-etcd.service: that is started only once there is a quorum, and an agent has work without one.
        ["After", "network-online.target dbus.socket"],
        ["StartLimitIntervalSec", "0"],
      ],
    ],
    [
      "Service",
      [
        ["Type", "notify"],
        ["NotifyAccess", "main"],
        ["ExecStart", renderCommand([`${PATHS.bin}/quarterdeck`, ...nodeOptions, unit.role])],
        // Node needs libatomic and libstdc++, which a CoreOS may lack; they ship beside the binary.
        ["Environment", `LD_LIBRARY_PATH=${PATHS.binaries}/${unit.version}/lib`],
        ["WatchdogSec", "30s"],
        ["Restart", "always"],
        ["RestartSec", unit.restartAfter],
        ["KillMode", "mixed"],
        ["TimeoutStopSec", "10s"],
        ["MemoryMax", `${unit.memoryMiB}M`],
        // A child that grew too big (a journalctl) dies alone; the daemon itself, when it is the one, is restarted.
        ["OOMPolicy", "continue"],
        ["OOMScoreAdjust", String(unit.oomScoreAdjust)],
        // The watchdog kills by SIGABRT; a core of Node's heap would fill the disk, not explain anything.
        ["LimitCORE", "0"],
        ...SANDBOX,
        ...unit.settings,
      ],
    ],
    ["Install", [["WantedBy", "multi-user.target"]]],
  ]);
}
