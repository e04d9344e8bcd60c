import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labFailed } from "../lab-failed.ts";
import { runCommand, runOrFail } from "../run-command.ts";
import type { MountSpace } from "./mount-space.ts";

const SIZE_BYTES = 12 * 1024 ** 3;
const MKFS = ["mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"];

/** Directories of a machine's disk that outlive a change of its configuration, by what they are inside; as EC2's data volumes do. */
export const DATA_DIRS: Readonly<Record<string, string>> = {
  docker: "/var/lib/docker",
  quarterdeck: "/var/lib/quarterdeck",
  journal: "/var/log/journal",
};

/** One machine's disk: a sparse ext4 image, so that filling it fills this machine and no other. Paths are those of the mount space. */
export type MachineDisk = {
  readonly space: MountSpace;
  /** Where the image is mounted. */
  readonly dir: string;
  /** The machine's whole root file system. */
  readonly root: string;
  /** False where the host has no loop devices: then it is a plain directory. */
  readonly limited: boolean;
};

/** Mounts the disk, making it at the first time; a disk that is mounted already stays so. */
export async function mountDisk(folder: string, space: MountSpace, signal: AbortSignal): Promise<MachineDisk> {
  const dir = join(folder, "disk");
  await mkdir(dir, { recursive: true });
  const limited = (await isMounted(space, dir)) || (await mountImage(join(folder, "disk.img"), dir, space, signal));
  for (const name of Object.keys(DATA_DIRS)) await mkdir(space.reach(join(dir, name)), { recursive: true });
  return { space, dir, root: join(folder, "root"), limited };
}

/** Mounts the machine's root: the disk's upper layer over the base image. */
export async function mountRoot(disk: MachineDisk, base: string, signal: AbortSignal): Promise<void> {
  const { space } = disk;
  const upper = join(disk.dir, "upper");
  const work = join(disk.dir, "work");
  for (const dir of [upper, work, disk.root]) await mkdir(space.reach(dir), { recursive: true });
  if (await isMounted(space, disk.root)) return;
  await runOrFail(
    space.enter([
      "mount",
      "-t",
      "overlay",
      "overlay",
      "-o",
      `lowerdir=${base},upperdir=${upper},workdir=${work}`,
      disk.root,
    ]),
    {},
    signal,
  );
}

/** Forgets what Ignition and the machine wrote outside of the data directories, so that Ignition runs again. The machine must be off. */
export async function wipeSystem(disk: MachineDisk, signal: AbortSignal): Promise<void> {
  if (await isMounted(disk.space, disk.root))
    await runOrFail(disk.space.enter(["umount", disk.root]), { timeoutMs: 10_000 }, signal);
  for (const name of ["upper", "work"])
    await rm(disk.space.reach(join(disk.dir, name)), { recursive: true, force: true });
}

/** Leaves no free block on the disk. Needs a disk of its own: on a plain directory it would fill the host. */
export async function fillDisk(disk: MachineDisk, signal: AbortSignal): Promise<void> {
  if (!disk.limited) throw labFailed("this host has no loop devices, so a machine has no disk of its own to fill");
  const dir = disk.space.reach(disk.dir);
  const { bavail, bsize } = await statfs(dir);
  const bytes = bavail * bsize - 16 * 1024 ** 2;
  if (bytes > 0)
    await runCommand(["fallocate", "-l", String(bytes), join(dir, BALLAST[0])], { timeoutMs: 30_000 }, signal);
  // fallocate leaves odd blocks over; plain writing takes them until there are none.
  const rest = await open(join(dir, BALLAST[1]), "w");
  try {
    const block = Buffer.alloc(64 * 1024);
    for (;;) await rest.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    await rest.close();
  }
}

const BALLAST = ["ballast-1", "ballast-2"] as const;

/** Undoes {@link fillDisk}. */
export async function drainDisk(disk: MachineDisk): Promise<void> {
  for (const name of BALLAST) await rm(join(disk.space.reach(disk.dir), name), { force: true });
}

/** Mount points in the text of /proc/<pid>/mounts. */
export function parseMountPoints(table: string): readonly string[] {
  return table
    .split("\n")
    .map((line) =>
      (line.split(" ")[1] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    );
}

async function isMounted(space: MountSpace, path: string): Promise<boolean> {
  return parseMountPoints(await readFile(space.table, "utf8")).includes(path);
}

async function mountImage(image: string, dir: string, space: MountSpace, signal: AbortSignal): Promise<boolean> {
  // Decided once a machine: a disk that began as a directory stays one.
  if (existsSync(join(dir, "upper"))) return false;
  const isNew = !existsSync(image);
  if (isNew) {
    const aside = `${image}.new`;
    await writeFile(aside, "");
    await truncate(aside, SIZE_BYTES);
    await runOrFail([...MKFS, aside], {}, signal);
    await runOrFail(["mv", aside, image], {}, signal);
  }
  const mounted = await runCommand(
    space.enter(["mount", "-o", "loop,noatime", image, dir]),
    { timeoutMs: 20_000 },
    signal,
  );
  if (mounted.code === 0) return true;
  if (!isNew)
    throw labFailed(`the disk ${image} cannot be mounted`, { why: mounted.stderr.trim(), try: "npx lab reset" });
  await rm(image);
  return false;
}
