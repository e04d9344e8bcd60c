import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { decodeIgnition, type IgnitionConfig } from "@quarterdeck/ignition";
import type { Binary } from "../binary.ts";
import type { EtcdBinary } from "../etcd-binary/etcd-source.ts";
import { labFailed } from "../lab-failed.ts";

const OURS = "/etc/quarterdeck/";
const DATA_URL = "data:,";

/** Reads the text of a machine's Ignition config. @throws {CodedError} LAB_FAILED when it is none */
export function parseIgnition(text: string): IgnitionConfig {
  const decoded = decodeIgnition(JSON.parse(text));
  if (decoded.ok) return decoded.value;
  throw labFailed("a machine's Ignition config does not parse", { why: decoded.error[0]?.message ?? "" });
}

/**
 * Does by hand what Ignition would do in a machine of its own: writes the config's files below `/etc/quarterdeck` into the machine's
 * folder. The rest of a config (network, users, host names, Docker) is about a system that is not there.
 */
export async function writeMachineFiles(root: string, config: IgnitionConfig): Promise<void> {
  await rm(join(root, OURS), { recursive: true, force: true });
  for (const { path, mode, contents } of config.storage?.files ?? []) {
    const source = contents?.source;
    if (!path.startsWith(OURS) || source === undefined || source === null || !source.startsWith(DATA_URL)) continue;
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
    await writeFile(join(root, path), decodeURIComponent(source.slice(DATA_URL.length)), { mode: mode ?? 0o644 });
  }
}

/** Puts the programs where units look for them, and empties what does not outlive a boot. */
export async function preparePlace(root: string, etcd: EtcdBinary, binary: Binary | null): Promise<void> {
  await rm(join(root, "run"), { recursive: true, force: true });
  await rm(join(root, "opt"), { recursive: true, force: true });
  for (const dir of ["run/quarterdeck", "var/lib/quarterdeck/etcd", "var/log", "opt/bin"])
    await mkdir(join(root, dir), { recursive: true, mode: 0o700 });
  const programs = (await readdir(etcd.dir)).filter((name) => /^etcd[a-z]*$/.test(name));
  const links = programs.map((name) => [name, join(etcd.dir, name)] as const);
  if (binary !== null)
    links.push(["quarterdeck", join(binary.dir, "quarterdeck")], ["fleet", join(binary.dir, "quarterdeck")]);
  for (const [name, target] of links) await symlink(target, join(root, "opt/bin", name));
}

/**
 * etcd's command line, from the very unit that a machine of its own would get: with the folder before its paths, and without listening
 * on 127.0.0.1, which all machines share here.
 * @throws {CodedError} LAB_FAILED when the unit has none
 */
export function etcdCommand(root: string, address: string, config: IgnitionConfig): readonly string[] {
  const unit = config.systemd?.units?.find(({ name }) => name === "quarterdeck-etcd.service")?.contents ?? "";
  const line = /^ExecStart=(.*)$/m.exec(unit.replaceAll("\\\n", " "))?.[1];
  if (line === undefined) throw labFailed("the machine's config has no command for etcd");
  const [program = "", ...flags] = line.split(/\s+/).filter((word) => word !== "");
  return [
    join(root, "opt/bin", basename(program)),
    ...flags.map((flag) =>
      flag
        .replace(/=\/(etc|var)\//, `=${root}/$1/`)
        .replace(",https://127.0.0.1:2379", "")
        .replace("http://127.0.0.1:", `http://${address}:`)
        // Processes of one computer that is busy with other things: elections at every hiccup would help nobody.
        .replace(/^--heartbeat-interval=.*/, "--heartbeat-interval=100")
        .replace(/^--election-timeout=.*/, "--election-timeout=1000"),
    ),
  ];
}
