import { runCommand, runOrFail } from "../run-command.ts";

/** What is wrong with the network on purpose; links are the host's ends of the machines' cables. */
export type NetworkFaults = {
  /** Pairs of links that cannot hear each other, in either direction. */
  readonly cutPairs: readonly (readonly [string, string])[];
  /** Share of frames lost to and from a link, in tenths of a percent, 1 to 1000. */
  readonly loss: ReadonlyMap<string, number>;
};

/** Puts exactly these faults in force, in one step; no faults removes the table. */
export async function applyFaults(table: string, faults: NetworkFaults, signal: AbortSignal): Promise<void> {
  await runOrFail(["nft", "-f", "-"], { input: renderFaults(table, faults) }, signal);
}

export async function removeFaults(table: string, signal: AbortSignal): Promise<void> {
  await runCommand(["nft", "delete", "table", "bridge", table], {}, signal);
}

/** The nft script that replaces the lab's table. Frames between machines pass `forward`; those to and from the host the other two. */
export function renderFaults(table: string, faults: NetworkFaults): string {
  // Declaring the table first makes the deletion succeed whether it was there or not.
  const lines = [`table bridge ${table} {}`, `delete table bridge ${table}`];
  const cuts = faults.cutPairs.flatMap(([left, right]) => [
    drop(`iifname "${left}" oifname "${right}"`),
    drop(`iifname "${right}" oifname "${left}"`),
  ]);
  const incoming = [...faults.loss].map(([link, perMille]) =>
    drop(`iifname "${link}" numgen random mod 1000 < ${perMille}`),
  );
  const outgoing = [...faults.loss].map(([link, perMille]) =>
    drop(`oifname "${link}" numgen random mod 1000 < ${perMille}`),
  );
  if (cuts.length === 0 && incoming.length === 0) return `${lines.join("\n")}\n`;
  const chain = (name: string, hook: string, rules: readonly string[]): string =>
    `  chain ${name} {\n    type filter hook ${hook} priority 0; policy accept;\n${rules.join("")}  }`;
  lines.push(
    `table bridge ${table} {`,
    chain("between_machines", "forward", [...cuts, ...incoming, ...outgoing]),
    chain("to_host", "input", incoming),
    chain("from_host", "output", outgoing),
    "}",
  );
  return `${lines.join("\n")}\n`;
}

const drop = (match: string): string => `    ${match} drop\n`;
