import { readFile } from "node:fs/promises";
import { runCommand } from "../run-command.ts";

/**
 * Lets the lab's traffic through a host whose iptables drop by default. Docker sets FORWARD to DROP, and once br_netfilter is on for
 * all bridges that hits frames between two machines too; a host firewall may drop what machines say to the registry.
 */
export async function openHostFirewall(bridge: string, signal: AbortSignal): Promise<void> {
  const rules = await runCommand(["iptables", "-w", "-S"], { timeoutMs: 10_000 }, signal);
  if (rules.code !== 0) return;
  const bridgesFiltered =
    (await readFile("/proc/sys/net/bridge/bridge-nf-call-iptables", "utf8").catch(() => "0")).trim() === "1";
  for (const rule of neededRules(rules.stdout, bridge, bridgesFiltered))
    await runCommand(["iptables", "-w", "-I", ...rule], { timeoutMs: 10_000 }, signal);
}

/** Removes what {@link openHostFirewall} put in, however often; fine where there is nothing. */
export async function closeHostFirewall(bridge: string, signal: AbortSignal): Promise<void> {
  const rules = await runCommand(["iptables", "-w", "-S"], { timeoutMs: 10_000 }, signal);
  if (rules.code !== 0) return;
  for (const rule of ownRules(rules.stdout, bridge))
    await runCommand(["iptables", "-w", "-D", ...rule], { timeoutMs: 10_000 }, signal);
}

/** Which rules a host needs, from the output of `iptables -S`; none where nothing is dropped. Each begins with its chain. */
export function neededRules(dump: string, bridge: string, bridgesFiltered: boolean): readonly (readonly string[])[] {
  const restricts = (chain: string): boolean =>
    dump.includes(`-P ${chain} DROP`) || new RegExp(`^-A ${chain} .*-j (DROP|REJECT|DOCKER)`, "m").test(dump);
  const comment = ["-m", "comment", "--comment", bridge];
  return [
    ...(restricts("INPUT") ? [["INPUT", "-i", bridge, ...comment, "-j", "ACCEPT"]] : []),
    ...(bridgesFiltered && restricts("FORWARD")
      ? [["FORWARD", "-i", bridge, "-o", bridge, ...comment, "-j", "ACCEPT"]]
      : []),
  ];
}

/** The rules of that bridge in the output of `iptables -S`, each as the arguments that follow -A. */
export function ownRules(dump: string, bridge: string): readonly (readonly string[])[] {
  return dump
    .split("\n")
    .filter((line) => line.startsWith("-A ") && line.includes(`--comment ${bridge} `))
    .map((line) => line.split(" ").slice(1));
}
