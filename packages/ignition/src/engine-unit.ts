import { daemonUnit } from "./daemon-unit.ts";
import type { EtcdMachine } from "./options.ts";
import type { IgnitionUnit } from "./spec.ts";

/** `quarterdeck-engine.service`: it reads its keys and speaks to the network, and may write nowhere on the machine. */
export function engineUnit({ version, memory }: Pick<EtcdMachine, "version" | "memory">): IgnitionUnit {
  const contents = daemonUnit({
    role: "engine",
    description: "Quarterdeck engine",
    after: ["quarterdeck-etcd.service"],
    version,
    memoryMiB: memory.engineMiB,
    oomScoreAdjust: -700,
    // Uid 0 without a capability: enough to read keys that belong to root.
    settings: [
      ["CapabilityBoundingSet", ""],
      ["UMask", "0077"],
    ],
  });
  return { name: "quarterdeck-engine.service", enabled: true, contents };
}
