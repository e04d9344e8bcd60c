import { daemonUnit } from "./daemon-unit.ts";
import type { EtcdMachine } from "./options.ts";
import { NO_COMMAND } from "./sandbox.ts";
import type { IgnitionUnit } from "./spec.ts";

/** `quarterdeck-engine.service`: root's uid, to read its key, and no other right; it may write nowhere on the machine. */
export function engineUnit({ version, memory }: Pick<EtcdMachine, "version" | "memory">): IgnitionUnit {
  const contents = daemonUnit({
    role: "engine",
    description: "Quarterdeck engine",
    version,
    memoryMiB: memory.engineMiB,
    oomScoreAdjust: -700,
    restartAfter: "1",
    settings: NO_COMMAND,
  });
  return { name: "quarterdeck-engine.service", enabled: true, contents };
}
