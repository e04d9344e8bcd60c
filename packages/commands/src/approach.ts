import type { TlsMaterial } from "@quarterdeck/etcd";
import type { Principal, Problem } from "@quarterdeck/model";
import type { Clock } from "./clock.ts";
import type { CommandContext } from "./command-context.ts";

/** A cluster that was reached; disposing of it closes the connections. */
export type OpenCluster = AsyncDisposable & { readonly context: CommandContext };

/**
 * The way from here to a cluster, for a verb that has to work when it is broken. What is written down about it is read already; nothing was
 * sent anywhere.
 */
export type Approach = {
  /** Where it is written down: a context's path, or in words. */
  readonly source: string;
  /** What is wrong with that, so that nothing more is known; null when nothing is. */
  readonly problem: Problem | null;
  /** What had better be otherwise. */
  readonly warning: Problem | null;
  /** The cluster's name. */
  readonly name: string | null;
  /** Empty where only the open client knows them. */
  readonly endpoints: readonly string[];
  /** Files; null where nothing is known of them. */
  readonly tls: TlsMaterial | null;
  /** Whose certificate it should be; null when any will do. */
  readonly principal: Principal | null;
  readonly clock: Clock;
  /** Whether the lab that the cluster lives in runs, without which nothing may be sent to its addresses; null where there is no lab. */
  readonly lab: ((signal: AbortSignal) => Promise<Problem | null>) | null;
  /** @throws {CodedError} INVALID_CONFIG, INVALID_CERTIFICATE; not for a cluster that does not answer */
  open(signal: AbortSignal): Promise<OpenCluster>;
};

/** Of a cluster that is open already: the bot's view. */
export function approachOf(context: CommandContext): Approach {
  return {
    source: "this program's own configuration",
    problem: null,
    warning: null,
    name: context.cluster?.name ?? null,
    endpoints: context.cluster?.endpoints ?? [],
    tls: context.tls ?? null,
    principal: context.principal,
    clock: context.clock,
    lab: null,
    open: async () => ({ context, [Symbol.asyncDispose]: async () => {} }),
  };
}
