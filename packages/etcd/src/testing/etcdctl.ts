import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EtcdServer } from "./etcd-server.ts";

/** Runs `etcdctl` against a server without certificates and returns what it prints. */
export function spawnEtcdctl(server: EtcdServer, args: readonly string[]): ChildProcess {
  return spawn(join(server.binaries, "etcdctl"), ["--endpoints", server.url, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Runs it to its end; what it printed. */
export async function etcdctl(server: EtcdServer, ...args: readonly string[]): Promise<string> {
  const child = spawnEtcdctl(server, args);
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`etcdctl ${args.join(" ")} ended with ${String(code)}`);
  return output;
}
