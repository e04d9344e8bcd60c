import { followRequest } from "@quarterdeck/etcd";
import type { RequestClaim, RequestId, RequestOutcome } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import { withTicks } from "./with-ticks.ts";

/**
 * Yields what the engine does meanwhile, where it says so, and returns its answer to a request, or `null` when there was none for so long; `null`
 * seconds waits for ever.
 */
export async function* awaitOutcome(
  context: Pick<CommandContext, "etcd" | "principal" | "clock">,
  id: RequestId,
  timeoutSeconds: number | null,
  signal: AbortSignal,
): AsyncGenerator<RequestClaim, RequestOutcome | null, void> {
  const { clock, etcd, principal } = context;
  const began = clock.now();
  let doing = "";
  for await (const seen of withTicks(
    (open) => followRequest(etcd, principal, id, open),
    { everyMs: 500, clock },
    signal,
  )) {
    if (seen !== "tick" && seen.outcome !== null) return seen.outcome;
    if (seen !== "tick" && seen.claim !== undefined && seen.claim.doing !== doing) {
      ({ doing } = seen.claim);
      yield seen.claim;
    }
    if (timeoutSeconds !== null && clock.now() - began >= timeoutSeconds * 1000) return null;
  }
  signal.throwIfAborted();
  return null;
}
