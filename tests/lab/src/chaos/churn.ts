import type { LabHandle } from "../create-lab-handle.ts";
import { pick, type Dice } from "./draw-fault.ts";

/** What a person did meanwhile, and how it ended. */
export type Deed = { readonly words: string; readonly code: number | null; readonly said: string };

/** What a verb may end with while things break: done, not there, has no place, still going on, unreachable, conflict. @see interfaces.md §2 */
const ALLOWED: ReadonlySet<number | null> = new Set([0, 3, 5, 6, 7, 8]);

export const CHURNED = ["churn@1.service", "churn@2.service", "churn@3.service"] as const;

/** Starts, stops, restarts, unloads and destroys units of its own at random until the signal aborts. The deeds come in their order. */
export async function* churn(lab: LabHandle, dice: Dice, signal: AbortSignal): AsyncIterable<Deed> {
  while (!signal.aborted) {
    const verb = pick(dice, ["start", "start", "start", "stop", "unload", "destroy"] as const);
    const words = [verb, pick(dice, CHURNED), "--timeout", "20s"];
    const { code, stderr } = await lab.fleet(words, { timeoutMs: 60_000 });
    yield { words: words.join(" "), code, said: stderr.split("\n")[0] ?? "" };
  }
}

/** A deed that ended as no documented command may: failed without a reason that the faults explain, killed, or broken inside. */
export function isWrong({ code, said }: Deed): boolean {
  return !ALLOWED.has(code) || said.includes("error[INTERNAL]");
}
