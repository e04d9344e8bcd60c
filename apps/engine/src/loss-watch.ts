import type { MachineId, Timestamp } from "@quarterdeck/model";
import { formatTimestamp } from "./format-timestamp.ts";

export type LossLimits = {
  /** From the end of a machine's lease to its being treated as lost. */
  readonly graceMs: number;
  /** An agent's lease; how long a leader's mirror must have been current before it believes an absence. */
  readonly ttlMs: number;
};

/** One look at the mirror. */
type Look = {
  readonly now: number;
  /** On the clock that nobody sets. */
  readonly elapsed: number;
  readonly mirrorAgeMs: number;
};

type Silence = { readonly since: Timestamp; readonly graceOver: boolean };

export type LossVerdict = {
  readonly silences: ReadonlyMap<MachineId, Silence>;
  /** The mirror has been current for one lease: what it shows as gone is gone. */
  readonly mayActOnLosses: boolean;
  /** When the verdict may change although nothing else does; null while no machine is silent. */
  readonly dueAt: number | null;
};

export type LossWatch = {
  /** To be called often enough to notice a mirror that was stale in between: every half lease, and when something changed. */
  look(silent: ReadonlySet<MachineId>, look: Look): LossVerdict;
  /** Continuity was lost (a restored or wiped cluster, a compacted watch): trust begins anew. */
  restart(): void;
};

/**
 * Bad news is acted on late: presence keys that are gone count only after this engine's mirror has been current for one lease, since a new
 * etcd leader renews every lease and a stale mirror shows a past that may never have been. It watches while the engine is a standby too, so
 * that a machine that takes the leader down with it is found lost no later than any other.
 */
export function createLossWatch({ graceMs, ttlMs }: LossLimits): LossWatch {
  const silentSince = new Map<MachineId, { readonly elapsed: number; readonly at: Timestamp }>();
  let currentSince: number | null = null;
  return {
    restart: () => void (currentSince = null),
    look(silent, { now, elapsed, mirrorAgeMs }) {
      if (mirrorAgeMs > ttlMs) currentSince = null;
      else currentSince ??= elapsed;
      for (const machine of silentSince.keys()) if (!silent.has(machine)) silentSince.delete(machine);
      for (const machine of silent) {
        if (!silentSince.has(machine)) silentSince.set(machine, { elapsed, at: formatTimestamp(now) });
      }
      const trustedAt = currentSince === null ? null : currentSince + ttlMs;
      const mayActOnLosses = trustedAt !== null && elapsed >= trustedAt;
      const graceEnds = [...silentSince.values()]
        .map((since) => since.elapsed + graceMs)
        .filter((end) => end > elapsed);
      const dues = [...graceEnds, ...(mayActOnLosses || silent.size === 0 ? [] : [trustedAt ?? elapsed + ttlMs])];
      return {
        silences: new Map(
          [...silentSince].map(([machine, since]) => [
            machine,
            { since: since.at, graceOver: elapsed >= since.elapsed + graceMs },
          ]),
        ),
        mayActOnLosses,
        dueAt: dues.length === 0 ? null : Math.min(...dues),
      };
    },
  };
}
