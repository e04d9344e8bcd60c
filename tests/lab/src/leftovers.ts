import { createHash } from "node:crypto";
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { resolve } from "node:path";
import { runProcess } from "./run-process.ts";

/**
 * What of a lab is still on this computer: processes with its home in their arguments or in its cgroups, mounts below its home, links, nft
 * tables and cgroups with its tag (`qd` and six hex digits of the home path's sha256). Empty when it left nothing.
 */
export async function leftoversOf(home: string): Promise<readonly string[]> {
  const tag = `qd${createHash("sha256").update(resolve(home)).digest("hex").slice(0, 6)}`;
  const found: string[] = [];
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [source, target] = line.split(" ");
    if (target?.startsWith(`${home}/`) || source?.startsWith(tag)) found.push(`mount ${target}`);
  }
  const links = await runProcess(["ip", "-o", "link"]);
  for (const line of links.stdout.split("\n")) if (line.includes(tag)) found.push(`link ${line.split(":")[1]?.trim()}`);
  const tables = await runProcess(["nft", "list", "tables"]);
  for (const line of tables.stdout.split("\n")) if (line.includes(tag)) found.push(line);
  for (const root of [
    "/sys/fs/cgroup",
    "/sys/fs/cgroup/unified",
    "/sys/fs/cgroup/systemd",
    "/sys/fs/cgroup/memory",
    "/sys/fs/cgroup/pids",
  ])
    if (existsSync(root))
      for (const name of readdirSync(root)) if (name.startsWith(tag)) found.push(`cgroup ${root}/${name}`);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const command = readProcess(pid);
    if (
      command !== null &&
      Number(pid) !== process.pid &&
      (command.includes(`${home}/`) || command.includes(`${tag}-`))
    )
      found.push(`process ${pid} ${command}`);
  }
  return found;
}

/** The command line with spaces, or null for a process that is gone. */
function readProcess(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
