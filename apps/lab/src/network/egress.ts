import { readFile, writeFile } from "node:fs/promises";
import { runCommand, runOrFail } from "../run-command.ts";
import { renderSubnet, type Subnet } from "./subnet.ts";

const FORWARDING = "/proc/sys/net/ipv4/ip_forward";

/** Lets the machines out by the host's own address; only when the operator wants it. @returns what to call to take it back */
export async function openEgress(table: string, bridge: string, subnet: Subnet, signal: AbortSignal): Promise<void> {
  const network = renderSubnet(subnet);
  const script = `table ip ${table} {}\ndelete table ip ${table}\ntable ip ${table} {\n  chain leaving {\n    type nat hook postrouting priority 100;\n    ip saddr ${network} oifname != "${bridge}" masquerade\n  }\n}\n`;
  await runOrFail(["nft", "-f", "-"], { input: script }, signal);
  if ((await readFile(FORWARDING, "utf8")).trim() !== "1") await writeFile(FORWARDING, "1");
  // Docker's own chain for exceptions from its FORWARD policy; not there without Docker.
  for (const direction of ["-i", "-o"])
    await runCommand(
      ["iptables", "-w", "-I", "FORWARD", direction, bridge, "-m", "comment", "--comment", bridge, "-j", "ACCEPT"],
      { timeoutMs: 10_000 },
      signal,
    );
}

export async function closeEgress(table: string, signal: AbortSignal): Promise<void> {
  await runCommand(["nft", "delete", "table", "ip", table], {}, signal);
}

/** Name servers that machines can ask: the host's own, but none on its loopback, which means nothing inside a machine. */
export async function readNameServers(): Promise<readonly string[]> {
  for (const path of ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"]) {
    const servers = parseNameServers(await readFile(path, "utf8").catch(() => ""));
    if (servers.length > 0) return servers;
  }
  return [];
}

/** IPv4 addresses of `nameserver` lines, without loopback ones. @see resolv.conf(5) */
export function parseNameServers(text: string): readonly string[] {
  return [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)]
    .map((match) => match[1] ?? "")
    .filter((address) => !address.startsWith("127."));
}
