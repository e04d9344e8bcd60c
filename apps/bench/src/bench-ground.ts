import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { findEtcd, HOW_TO_GET_ETCD } from "@quarterdeck/etcd/testing";
import { CodedError } from "@quarterdeck/model";

/** Where etcd's data lies while a benchmark runs, and where its binaries are. */
export type BenchGround = AsyncDisposable & { readonly directory: string; readonly binaries: string };

/**
 * A directory of its own below `home`, gone when disposed; the user's home by default, for /tmp may be memory.
 * @throws {CodedError} NOT_FOUND where there is no etcd
 */
export async function openBenchGround(home: string = homedir()): Promise<BenchGround> {
  const binaries = findEtcd();
  if (binaries === null)
    throw new CodedError("NOT_FOUND", { message: `no etcd was found: it ${HOW_TO_GET_ETCD}`, try: "npm start" });
  const directory = join(home, `.quarterdeck-bench-${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  return { directory, binaries, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
