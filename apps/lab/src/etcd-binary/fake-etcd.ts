import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labHome } from "../home.ts";
import { createProgress } from "../progress.ts";
import type { EtcdSearch } from "./etcd-source.ts";

/** A search with a home of its own and a PATH with nothing on it, for tests. */
export type TestSearch = AsyncDisposable & {
  readonly folder: string;
  /** The one folder on its PATH; not made yet. */
  readonly path: string;
  readonly search: EtcdSearch;
  /** What people were told, line by line. */
  readonly said: string[];
};

export async function openTestSearch(): Promise<TestSearch> {
  const folder = await mkdtemp(join(tmpdir(), "qd-etcd-"));
  const said: string[] = [];
  const path = join(folder, "path");
  return {
    folder,
    path,
    said,
    search: {
      home: labHome(join(folder, "home")),
      progress: createProgress((line) => said.push(line)),
      environment: { PATH: path },
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** Programs that answer `--version` as etcd does. */
export async function writeEtcd(dir: string, version: string): Promise<void> {
  for (const name of ["etcd", "etcdctl", "etcdutl"])
    await writeProgram(join(dir, name), `echo "etcd Version: ${version}"`);
}

/** An executable shell script; its folder is made. */
export async function writeProgram(path: string, script: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
