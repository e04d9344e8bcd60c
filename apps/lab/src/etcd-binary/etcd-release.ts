import { createHash } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse, succeed } from "@quarterdeck/model";
import { openAside } from "../cache-slot.ts";
import { runOrFail } from "../run-command.ts";
import { CACHED_ETCD } from "./etcd-in-cache.ts";
import { ETCD_PROGRAMS, type EtcdSource } from "./etcd-source.ts";
import { readEtcdVersion } from "./etcd-version.ts";

export type PinnedRelease = {
  readonly version: string;
  readonly base: string;
  /** sha256 of the archive, by Node's name of the architecture. */ readonly sha256: Readonly<Record<string, string>>;
};

/** The newest release whose checksums could be confirmed from several independent projects that pin it too. */
export const PINNED_RELEASE: PinnedRelease = {
  version: "3.6.10",
  base: "https://github.com/etcd-io/etcd/releases/download",
  sha256: {
    x64: "ed579fafab5701e3aaa95509969e7bc74776a4ae5269d32e3928408b406456ec",
    arm64: "e40dc34b7a512b99c651f7700c1014e9b76e02415e2e24365b248966b173524c",
  },
};

const CONNECT_TIMEOUT_MS = 4000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const GO_ARCHITECTURE: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** The official archive, refused unless its checksum is the pinned one. */
export const etcdRelease =
  (pinned: PinnedRelease = PINNED_RELEASE, architecture: string = process.arch): EtcdSource =>
  async ({ home, progress }, signal) => {
    const expected = pinned.sha256[architecture];
    const goArchitecture = GO_ARCHITECTURE[architecture];
    if (expected === undefined || goArchitecture === undefined) return refuse(`no pinned release for ${architecture}`);
    const folder = `etcd-v${pinned.version}-linux-${goArchitecture}`;
    const url = `${pinned.base}/v${pinned.version}/${folder}.tar.gz`;
    const archive = await progress.step(`download of etcd ${pinned.version}`, () => download(url, signal));
    if (typeof archive === "string") return refuse(`${url}: ${archive}`);
    const actual = createHash("sha256").update(archive).digest("hex");
    if (actual !== expected) return refuse(`${url} has checksum ${actual}, not the pinned ${expected}`);
    const dir = join(home.cache, CACHED_ETCD);
    const aside = await openAside(dir);
    const members = ETCD_PROGRAMS.map((name) => `${folder}/${name}`);
    await runOrFail(
      ["tar", "-xz", "--strip-components=1", "--no-same-owner", "-C", aside, ...members],
      { input: archive },
      signal,
    );
    const version = await readEtcdVersion(join(aside, "etcd"), signal);
    if (version === null) return refuse("the downloaded etcd does not run here");
    const origin = `official release ${pinned.version}`;
    await writeFile(join(aside, "origin"), `${origin}\n`);
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
    return succeed({ dir, version, origin });
  };

/** The bytes, or in words why there are none. Only the first answer has the short limit: a slow line may still load. */
async function download(url: string, signal: AbortSignal): Promise<Buffer | string> {
  const connecting = new AbortController();
  const timer = setTimeout(() => connecting.abort(), CONNECT_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, connecting.signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]),
    });
    clearTimeout(timer);
    if (!response.ok) return `answered ${response.status}`;
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    signal.throwIfAborted();
    if (connecting.signal.aborted) return `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return cause;
  } finally {
    clearTimeout(timer);
  }
}
