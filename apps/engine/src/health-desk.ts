import type { EtcdClient } from "@quarterdeck/etcd";

/** Looks at etcd's members while somebody wants to know, so that no pass waits for it. */
export type HealthDesk = {
  /** Endpoints or names of members that do not do well, not older than {@link FRESH_MS}; null while they are being looked at. */
  unhealthy(elapsed: number): readonly string[] | null;
};

/** How old an answer may be, in milliseconds. */
export const FRESH_MS = 10_000;

export type HealthDeskParts = {
  readonly etcd: Pick<EtcdClient, "health">;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;
  readonly onAnswer: () => void;
};

export function createHealthDesk({ etcd, elapsed, onAnswer }: HealthDeskParts, signal: AbortSignal): HealthDesk {
  let answer: { readonly at: number; readonly unhealthy: readonly string[] } | null = null;
  let asking = false;
  const ask = async (): Promise<void> => {
    asking = true;
    try {
      const members = await etcd.health(signal);
      const unhealthy = members.filter(({ healthy }) => !healthy).map(({ name, endpoint }) => name ?? endpoint);
      answer = { at: elapsed(), unhealthy };
    } catch {
      // The term is over and nobody waits for an answer: what is wrong with etcd would be in it.
      return;
    } finally {
      asking = false;
    }
    onAnswer();
  };
  return {
    unhealthy(now) {
      if (answer !== null && now - answer.at < FRESH_MS) return answer.unhealthy;
      if (!asking && !signal.aborted) void ask();
      return null;
    },
  };
}
