import { spawn } from "node:child_process";
import { labFailed } from "../lab-failed.ts";

/**
 * A mount namespace of the lab's own. All its mounts live there, so the host never sees them, no other container started meanwhile
 * keeps a copy that would hold the disks, and the kernel drops them with the last process, however that ends.
 */
export type MountSpace = AsyncDisposable & {
  /** The argument vector that runs a command inside. */
  enter(argv: readonly string[]): readonly string[];
  /** Where a path inside is reached from outside. */
  reach(path: string): string;
  /** The text of its mount table. */
  readonly table: string;
};

const ENTER_GROUPS =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1"; shift; n=$((n - 1)); done; echo here; exec "$@"';

/** Makes one, held open by a sleeping process in the control groups given. What the host unmounts vanishes inside too. */
export async function openMountSpace(cgroupEntries: readonly string[]): Promise<MountSpace> {
  const argv = [
    "--pdeathsig",
    "KILL",
    "unshare",
    "--mount",
    "--propagation",
    "slave",
    "sh",
    "-c",
    ENTER_GROUPS,
    "sh",
    String(cgroupEntries.length),
    ...cgroupEntries,
    "sleep",
    "infinity",
  ];
  const child = spawn("setpriv", argv, { stdio: ["ignore", "pipe", "ignore"], detached: true });
  const gone = new Promise<"gone">((done) => child.once("exit", () => done("gone")).once("error", () => done("gone")));
  const ready = new Promise<"ready">((done) => child.stdout.once("data", () => done("ready")));
  if ((await Promise.race([ready, gone])) === "gone" || child.pid === undefined)
    throw labFailed("a mount namespace could not be made");
  const { pid } = child;
  return {
    enter: (inside) => ["nsenter", `--mount=/proc/${pid}/ns/mnt`, "--", ...inside],
    reach: (path) => `/proc/${pid}/root${path}`,
    table: `/proc/${pid}/mounts`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
