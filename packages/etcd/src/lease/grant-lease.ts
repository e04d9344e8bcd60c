import type { Lease } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { checkTtl } from "./check-ttl.ts";
import type { KeepAliveLoop } from "./keep-alive-loop.ts";
import { believeGrant } from "./lease-belief.ts";

/**
 * etcd may grant more than was asked for (at least one and a half election timeouts); the lease says what it got.
 * @throws {CodedError} INVALID_CONFIG for what is not a whole number of seconds
 */
export async function grantLease(
  { endpoints, loop }: { readonly endpoints: Endpoints; readonly loop: KeepAliveLoop },
  { ttlSeconds }: { readonly ttlSeconds: number },
  signal: AbortSignal,
): Promise<Lease> {
  checkTtl(ttlSeconds);
  const sentAtMs = performance.now();
  // A lost reply leaves a lease without keys, which ends by itself.
  const call = { name: "leaseGrant", request: { TTL: ttlSeconds } } as const;
  const granted = await callEtcd(endpoints, call, { action: "be granted a lease", repeatable: true }, signal);
  return loop.keep(granted.ID, believeGrant({ sentAtMs, ttlSeconds: Number(granted.TTL) }));
}
