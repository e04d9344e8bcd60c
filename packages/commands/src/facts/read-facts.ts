import type { CommandContext } from "../command-context.ts";
import { deriveFacts, FACT_PREFIXES } from "./derive-facts.ts";
import type { Facts } from "./facts.ts";

/** The cluster at one revision, as etcd's quorum answers it now. */
export async function readFacts(context: CommandContext, signal: AbortSignal): Promise<Facts> {
  return deriveFacts(await context.etcd.snapshot(FACT_PREFIXES, signal));
}
