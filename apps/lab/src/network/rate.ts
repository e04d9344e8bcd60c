import { runCommand, runOrFail } from "../run-command.ts";

/** One end of a machine's cable: a link on the host, or the one inside the namespace of process `pid`. */
export type LinkEnd = { readonly link: string; readonly pid: number | null };

/** Lets a link send no faster than this; `bitsPerSecond` is what tc shapes to, with a queue of 400 ms. */
export async function limitRate(end: LinkEnd, bitsPerSecond: number, signal: AbortSignal): Promise<void> {
  await runOrFail(
    [
      ...inNamespace(end),
      "tc",
      "qdisc",
      "replace",
      "dev",
      end.link,
      "root",
      "tbf",
      "rate",
      `${bitsPerSecond}bit`,
      "burst",
      "32kbit",
      "latency",
      "400ms",
    ],
    { timeoutMs: 10_000 },
    signal,
  );
}

/** Undoes {@link limitRate}; fine where there is no limit. */
export async function unlimitRate(end: LinkEnd, signal: AbortSignal): Promise<void> {
  await runCommand([...inNamespace(end), "tc", "qdisc", "del", "dev", end.link, "root"], { timeoutMs: 10_000 }, signal);
}

function inNamespace(end: LinkEnd): readonly string[] {
  return end.pid === null ? [] : ["nsenter", "-t", String(end.pid), "-n", "--"];
}
