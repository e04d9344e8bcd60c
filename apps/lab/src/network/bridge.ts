import { readFile } from "node:fs/promises";
import { runCommand, runOrFail } from "../run-command.ts";
import { addressIn, type Subnet } from "./subnet.ts";

/** Makes the bridge that all machines of a lab hang on, with the host's address (number 1) on it. */
export async function createBridge(bridge: string, subnet: Subnet, signal: AbortSignal): Promise<void> {
  await runOrFail(["ip", "link", "add", bridge, "type", "bridge"], {}, signal);
  // Machine-to-machine traffic is no business of the host's own firewall. Refused where br_netfilter is not loaded, and then not needed.
  await runCommand(
    ["ip", "link", "set", bridge, "type", "bridge", "nf_call_iptables", "0", "nf_call_ip6tables", "0"],
    {},
    signal,
  );
  await runOrFail(["ip", "addr", "add", `${addressIn(subnet, 1)}/${subnet.bits}`, "dev", bridge], {}, signal);
  await runOrFail(["ip", "link", "set", bridge, "up"], {}, signal);
}

/** Removes every link whose name begins with the tag: the bridge, and ends of machines that are gone. */
export async function removeLinks(tag: string, signal: AbortSignal): Promise<void> {
  for (const name of await linksOf(tag)) await runCommand(["ip", "link", "del", name], {}, signal);
}

/** Links on this host whose name begins with the tag. */
export async function linksOf(tag: string): Promise<readonly string[]> {
  return parseLinkNames(await readFile("/proc/net/dev", "utf8")).filter((name) => name.startsWith(tag));
}

/** Interface names in the text of /proc/net/dev. */
export function parseLinkNames(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [line.slice(0, colon).trim()];
  });
}
