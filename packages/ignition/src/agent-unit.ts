import { daemonUnit } from "./daemon-unit.ts";
import type { WorkerMachine } from "./options.ts";
import type { IgnitionUnit } from "./spec.ts";

/** `quarterdeck-agent.service`: root, because it writes units and speaks to systemd, but with little more than file rights. */
export function agentUnit({ version, memory }: Pick<WorkerMachine, "version" | "memory">): IgnitionUnit {
  const contents = daemonUnit({
    role: "agent",
    description: "Quarterdeck agent",
    version,
    memoryMiB: memory.agentMiB,
    oomScoreAdjust: -500,
    // A machine's singletons wait for it: after four to six seconds without an agent their fence ends.
    restartAfter: "200ms",
    // Six megabytes of a young generation that the engine, which plans, is quicker for; an agent's work is too little to tell.
    nodeOptions: ["--max-semi-space-size=1"],
    settings: [
      // ProtectKernelTunables= mounts /proc/sys anew, and in a container the kernel's boot id, which is the host's, shows through: only
      // PID 1 knows the machine's own. Without it a reboot would look like a restart of the agent.
      ["Environment", "QUARTERDECK_BOOT_ID=%b"],
      // Each thread would keep a heap of its own for the little that it allocates: 3 MB of an agent's memory.
      ["Environment", "MALLOC_ARENA_MAX=1"],
      // systemd links to the unit files in /run/quarterdeck: were the directory removed on stop, every scheduled unit would lose its file.
      ["RuntimeDirectory", "quarterdeck"],
      ["RuntimeDirectoryPreserve", "yes"],
      ["StateDirectory", "quarterdeck"],
      // Each is a mount of its own, so a file can be renamed within them but not from one to the other.
      ["ReadWritePaths", "/run/systemd/system"],
      ["CapabilityBoundingSet", "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_KILL"],
    ],
  });
  return { name: "quarterdeck-agent.service", enabled: true, contents };
}
