import { followRequest } from "@quarterdeck/etcd";
import type { RequestId, RequestOutcome } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import { withTicks } from "./with-ticks.ts";

/** The engine's answer to a request, or `null` when there was none for so long; `null` seconds waits for ever. */
export async function awaitOutcome(
  context: CommandContext,
  id: RequestId,
  timeoutSeconds: number | null,
  signal: AbortSignal,
): Promise<RequestOutcome | null> {
  const { clock, etcd, principal } = context;
  const began = clock.now();
  for await (const seen of withTicks(
    (open) => followRequest(etcd, principal, id, open),
    { everyMs: 500, clock },
    signal,
  )) {
    if (seen !== "tick" && seen.outcome !== null) return seen.outcome;
    if (timeoutSeconds !== null && clock.now() - began >= timeoutSeconds * 1000) return null;
  }
  signal.throwIfAborted();
  return null;
}
