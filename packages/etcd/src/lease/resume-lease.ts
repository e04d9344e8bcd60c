import type { Lease } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import type { KeepAliveLoop } from "./keep-alive-loop.ts";
import { believeRemainder } from "./lease-belief.ts";
import { isLeaseId, toDecimalLease } from "./lease-id.ts";

/**
 * Takes over a lease that an earlier process left; null when etcd no longer has it, or not for another second. Until the first keep-alive is
 * acknowledged it is believed in for as long as etcd says that it has left, and no longer. A new etcd leader gives every lease its whole TTL
 * again, so that being told by the one before errs on the safe side.
 */
export async function resumeLease(
  { endpoints, loop }: { readonly endpoints: Endpoints; readonly loop: KeepAliveLoop },
  id: string,
  signal: AbortSignal,
): Promise<Lease | null> {
  if (!isLeaseId(id)) return null;
  const decimal = toDecimalLease(id);
  const sentAtMs = performance.now();
  const call = { name: "leaseTimeToLive", request: { ID: decimal } } as const;
  const found = await callEtcd(endpoints, call, { action: `look at lease ${id}`, repeatable: true }, signal);
  const leftSeconds = Number(found.TTL);
  if (leftSeconds <= 0) return null;
  const lease = loop.keep(decimal, believeRemainder({ sentAtMs, ttlSeconds: Number(found.grantedTTL), leftSeconds }));
  return lease.lost.aborted ? null : lease;
}
