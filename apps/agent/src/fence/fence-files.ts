import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { writeAtomically } from "../write-atomically.ts";

/** The unit that singletons are bound to. */
export const FENCE_UNIT = "quarterdeck-fence.service" as UnitName;

/** Where the fence's files lie. All are gone after a boot. */
export type FencePlaces = {
  /** The agent's own, e.g. `/run/quarterdeck`. */
  readonly run: string;
  /** Where systemd looks for units. */
  readonly links: string;
};

/** The last instant at which singletons may run, and the lease that vouches for it. */
export type FenceDeadline = { readonly lease: string; readonly bootMs: number };

/**
 * The fence sleeps until the deadline in its file, looks whether that was put off meanwhile, and ends when it was not. A shell that runs nothing but
 * its own builtins: 0.3 MB of its own. It looks each second, because its sleep does not count the time for which the machine was suspended; `uptime` does.
 */
const PROGRAM = String.raw`# Written by Quarterdeck's agent. FILE [once]: ends when the deadline in FILE is over.
[[ $2 == once ]] || exec 3<> <(:)
while read -r deadline _ <"$1" && read -r uptime _ </proc/uptime; do
  left=$((deadline - 10#${"${uptime/./}"}))
  ((left > 0)) || break
  [[ $2 != once ]] || exit 0
  ((left < 100)) || left=100
  printf -v pause '%d.%02d' $((left / 100)) $((left % 100))
  read -rt "$pause" -u 3
done
echo 'etcd has not acknowledged the lease of this machine in time: its singletons are stopped'
[[ $2 != once ]]
`;

/** Nothing starts behind a fence whose deadline is over: `ExecStartPre=` fails, and with it whatever is bound to the fence. */
function unitText(run: string): string {
  const command = `/bin/bash ${join(run, "fence.sh")} ${join(run, "fence")}`;
  return `# Written by Quarterdeck's agent.
[Unit]
Description=Quarterdeck fence of this machine's singletons
StartLimitIntervalSec=0

[Service]
ExecStartPre=${command} once
ExecStart=${command}
OOMScoreAdjust=-900
MemoryMax=16M
ProtectSystem=strict
NoNewPrivileges=yes
TimeoutStopSec=1
`;
}

/** What systemd needs to raise the fence. */
export async function writeFenceFiles({ run, links }: FencePlaces): Promise<void> {
  const options = { mode: 0o644, durable: false };
  await writeAtomically(join(run, "fence.sh"), PROGRAM, options);
  await writeAtomically(join(links, FENCE_UNIT), unitText(run), options);
}

/** In hundredths of a second since boot, as `/proc/uptime` has it, rounded down. */
export async function writeDeadline({ run }: FencePlaces, { lease, bootMs }: FenceDeadline): Promise<void> {
  const text = `${Math.max(0, Math.floor(bootMs / 10))} ${lease}\n`;
  await writeAtomically(join(run, "fence"), text, { mode: 0o644, durable: false });
}

/** Of the agent before; `null` when there was none since boot. What cannot be read was vouched for by no lease. */
export async function readDeadline({ run }: FencePlaces): Promise<FenceDeadline | null> {
  try {
    const match = /^(\d+) ([0-9a-f]+)\n$/.exec(await readFile(join(run, "fence"), "utf8"));
    return { lease: match?.[2] ?? "", bootMs: Number(match?.[1] ?? 0) * 10 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
