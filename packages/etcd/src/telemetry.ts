import { channel, type Channel } from "node:diagnostics_channel";
import type { ErrorCode } from "@quarterdeck/model";

/** One unary call, its repetitions included. `endpoint` is the one that answered last. */
export type CallMessage = {
  /** etcd's own name of the call: `range`, `txn`, `leaseGrant` … */
  readonly name: string;
  readonly endpoint: string;
  readonly ms: number;
  readonly outcome: "ok" | "aborted" | ErrorCode;
};
/** A call goes out again; `why` is etcd's or gRPC's own text. */
export type RetryMessage = { readonly name: string; readonly endpoint: string; readonly why: string };
/** A follower starts over from a snapshot. */
export type ResetMessage = { readonly paths: readonly string[]; readonly why: string };
/** A keep-alive was acknowledged (`left` as it arrived, before it counted anew) or the lease was lost (`left` 0 or less). */
export type LeaseMessage = { readonly id: string; readonly ttlMs: number; readonly leftMs: number };
/** A mirror was confirmed to be current after `ageMs` without word from etcd. */
export type LagMessage = { readonly paths: readonly string[]; readonly ageMs: number };

/** Certificate files changed and are used from now on, or cannot be used and the old ones stay. */
export type CertificateMessage = { readonly source: string } & (
  | { readonly outcome: "renewed"; readonly principal: string; readonly validTo: number }
  | { readonly outcome: "refused"; readonly why: string }
);

/**
 * What the client does, for whoever subscribes; nobody listening costs one comparison. Each is a `node:diagnostics_channel` of the name given
 * here, so that a process can count what a library of its own uses.
 */
export const telemetry = {
  call: open<CallMessage>("quarterdeck.etcd.call"),
  retry: open<RetryMessage>("quarterdeck.etcd.retry"),
  reset: open<ResetMessage>("quarterdeck.etcd.reset"),
  lease: open<LeaseMessage>("quarterdeck.etcd.lease"),
  lag: open<LagMessage>("quarterdeck.etcd.lag"),
  certificate: open<CertificateMessage>("quarterdeck.etcd.certificate"),
} as const;

function open<Message>(name: string): Channel<unknown, Message> {
  return channel(name) as Channel<unknown, Message>;
}
