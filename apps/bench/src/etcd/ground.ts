import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** What the figures stand on. */
export type Ground = {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly etcd: string;
  /** Whether etcd's data lay in memory after all, where fsync costs nothing. */
  readonly inMemory: boolean;
};

/** @see statfs(2) "TMPFS_MAGIC" */
const TMPFS = 0x0102_1994;

export async function groundOf(binaries: string, directory: string): Promise<Ground> {
  const { stdout } = await promisify(execFile)(join(binaries, "etcd"), ["--version"]);
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.versions.node,
    etcd: /^etcd Version: (\S+)$/m.exec(stdout)?.[1] ?? "of an unknown version",
    inMemory: (await statfs(directory)).type === TMPFS,
  };
}
