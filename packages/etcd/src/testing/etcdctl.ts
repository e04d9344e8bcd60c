import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EtcdServer } from "./etcd-server.ts";

/** Runs `etcdctl` against a server without certificates; what it prints can be read, what it complains of is shown. */
export function spawnEtcdctl(server: EtcdServer, args: readonly string[]): ChildProcess {
  return run(server, args, "inherit");
}

/** Runs it to its end; what it printed. @throws with what it complained of */
export async function etcdctl(server: EtcdServer, ...args: readonly string[]): Promise<string> {
  const child = run(server, args, "pipe");
  let output = "";
  let complaints = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`etcdctl ${args.join(" ")} ended with ${String(code)}: ${complaints.trim()}`);
  return output;
}

function run(server: EtcdServer, args: readonly string[], complaints: "inherit" | "pipe"): ChildProcess {
  return spawn(join(server.binaries, "etcdctl"), ["--endpoints", server.url, ...args], {
    stdio: ["ignore", "pipe", complaints],
  });
}
