import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { labFailed } from "../lab-failed.ts";
import { runCommand, runOrFail } from "../run-command.ts";

const SIZE_BYTES = 12 * 1024 ** 3;

/** Directories of a machine's disk that outlive a change of its configuration, by what they are inside; as EC2's data volumes do. */
export const DATA_DIRS: Readonly<Record<string, string>> = { docker: "/var/lib/docker", quarterdeck: "/var/lib/quarterdeck", journal: "/var/log/journal" };

/** One machine's disk: a sparse ext4 image, so that filling it fills this machine and no other. */
export type MachineDisk = { /** Where the image is mounted on the host. */ readonly dir: string; /** The machine's whole root file system. */ readonly root: string; /** False where the host has no loop devices: then it is a plain directory. */ readonly limited: boolean };

/** Mounts the disk, making it at the first time; a disk that is mounted already stays so. */
export async function mountDisk(folder: string, signal: AbortSignal): Promise<MachineDisk> {
  const dir = join(folder, "disk");
  await mkdir(dir, { recursive: true });
  const mounted = isMounted(await readFile("/proc/self/mounts", "utf8"), dir);
  const limited = mounted || (await mountImage(join(folder, "disk.img"), dir, signal));
  for (const name of Object.keys(DATA_DIRS)) await mkdir(join(dir, name), { recursive: true });
  return { dir, root: join(folder, "root"), limited };
}

/** Mounts the machine's root: the disk's upper layer over the base image. */
export async function mountRoot(disk: MachineDisk, base: string, signal: AbortSignal): Promise<void> {
  const upper = join(disk.dir, "upper");
  const work = join(disk.dir, "work");
  for (const dir of [upper, work, disk.root]) await mkdir(dir, { recursive: true });
  if (isMounted(await readFile("/proc/self/mounts", "utf8"), disk.root)) return;
  await runOrFail(["mount", "-t", "overlay", "overlay", "-o", `lowerdir=${base},upperdir=${upper},workdir=${work}`, disk.root], {}, signal);
}

/** Forgets what Ignition and the machine wrote outside of the data directories, so that Ignition runs again. The root must not be in use. */
export async function wipeSystem(disk: MachineDisk, signal: AbortSignal): Promise<void> {
  if (isMounted(await readFile("/proc/self/mounts", "utf8"), disk.root)) await runOrFail(["umount", disk.root], { timeoutMs: 10_000 }, signal);
  for (const name of ["upper", "work"]) await rm(join(disk.dir, name), { recursive: true, force: true });
}

/** Unmounts everything below a machine's folder, also what a killed run left; never fails for what is not mounted. */
export async function unmountBelow(folder: string, signal: AbortSignal): Promise<void> {
  const below = parseMountsBelow(await readFile("/proc/self/mounts", "utf8"), folder);
  for (const path of below) {
    const result = await runCommand(["umount", path], { timeoutMs: 10_000 }, signal);
    if (result.code !== 0) await runOrFail(["umount", "-l", path], { timeoutMs: 10_000 }, signal);
  }
}

/** Mount points below a folder in the text of /proc/mounts, those mounted last first. */
export function parseMountsBelow(mounts: string, folder: string): readonly string[] {
  return mounts
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed();
}

/** Leaves no free block on the disk. Needs a disk of its own: on a plain directory it would fill the host. */
export async function fillDisk(disk: MachineDisk, signal: AbortSignal): Promise<void> {
  if (!disk.limited) throw labFailed("this host has no loop devices, so a machine has no disk of its own to fill");
  for (const [index, share] of [1, 0].entries()) {
    const { bavail, bsize } = await statfs(disk.dir);
    const bytes = Math.max(0, bavail * bsize - share * 16 * 1024 ** 2);
    if (bytes > 0) await runCommand(["fallocate", "-l", String(bytes), join(disk.dir, `ballast-${index}`)], { timeoutMs: 30_000 }, signal);
  }
  // fallocate leaves odd blocks over; plain writing takes them until there are none.
  const rest = await open(join(disk.dir, "ballast-rest"), "w");
  try {
    const block = Buffer.alloc(64 * 1024);
    for (;;) await rest.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    await rest.close();
  }
}

/** Undoes {@link fillDisk}. */
export async function drainDisk(disk: MachineDisk): Promise<void> {
  for (const name of ["ballast-0", "ballast-1", "ballast-rest"]) await rm(join(disk.dir, name), { force: true });
}

function isMounted(mounts: string, path: string): boolean {
  return parseMountsBelow(mounts, dirname(path)).includes(path);
}

async function mountImage(image: string, dir: string, signal: AbortSignal): Promise<boolean> {
  // Decided once a machine: a disk that began as a directory stays one.
  if (existsSync(join(dir, "upper"))) return false;
  const isNew = !existsSync(image);
  if (isNew) {
    await writeFile(image, "");
    await truncate(image, SIZE_BYTES);
    await runOrFail(["mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard", image], {}, signal);
  }
  const mounted = await runCommand(["mount", "-o", "loop,noatime", image, dir], { timeoutMs: 20_000 }, signal);
  if (mounted.code === 0) return true;
  if (!isNew) throw labFailed(`the disk ${image} cannot be mounted`, { why: mounted.stderr.trim(), try: "npx lab reset" });
  await rm(image);
  return false;
}
