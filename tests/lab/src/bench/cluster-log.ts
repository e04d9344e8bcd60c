import type { EtcdClient } from "@quarterdeck/etcd";
import { z } from "zod";

/** When things became visible in etcd, on this computer's clock, in milliseconds since the epoch. */
export type Seen = {
  /** The engine took the unit over. */
  readonly decidedAt: number;
  /** It was given to a machine. */
  readonly placedAt: number;
  /** The machine's agent reported it active. */
  readonly reportedAt: number;
  readonly machine: string;
};

export type ClusterLog = AsyncDisposable & {
  /** Resolves when all of the units were reported active since the last call of `forget`. */
  allActive(units: readonly string[]): Promise<ReadonlyMap<string, Seen>>;
  /** Resolves when no agent reports anything of the units any more. */
  allGone(units: readonly string[]): Promise<void>;
  /** How many keys were written, by the first segment and what follows the machine's id or the user. */
  readonly writes: ReadonlyMap<string, number>;
};

type Notes = {
  decidedAt?: number;
  placedAt?: number;
  reportedAt?: number;
  machine?: string;
  readonly reporting: Set<string>;
};

const stateSchema = z.object({ active: z.string() });

/** Follows everything that the cluster writes. */
export async function openClusterLog(client: EtcdClient, signal: AbortSignal): Promise<ClusterLog> {
  const over = new AbortController();
  const stands = Promise.withResolvers<void>();
  const units = new Map<string, Notes>();
  const writes = new Map<string, number>();
  let wake = Promise.withResolvers<void>();
  const note = (path: string, json: string | null, at: number): void => {
    const [family = "", second = "", third = "", fourth = ""] = path.split("/");
    const kind = family === "agents" ? `${family}/${third}` : family;
    writes.set(kind, (writes.get(kind) ?? 0) + 1);
    const unit = family === "units" ? second : family === "schedule" ? third : third === "states" ? fourth : null;
    if (unit === null) return;
    const notes = units.get(unit) ?? { reporting: new Set<string>() };
    units.set(unit, notes);
    if (family === "units" && json !== null) notes.decidedAt = at;
    if (family === "schedule" && json !== null) notes.placedAt = at;
    if (family !== "agents") return;
    if (json === null) notes.reporting.delete(second);
    else notes.reporting.add(second);
    if (json === null || stateSchema.parse(JSON.parse(json)).active !== "active") return;
    notes.reportedAt ??= at;
    notes.machine ??= second;
  };
  const reading = (async () => {
    for await (const event of client.follow([""], {}, AbortSignal.any([signal, over.signal]))) {
      const at = performance.timeOrigin + performance.now();
      if (event.kind === "reset") stands.resolve();
      else for (const { path, json } of event.changes) note(path, json, at);
      wake.resolve();
    }
  })();
  await Promise.race([stands.promise, reading]);
  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) {
      signal.throwIfAborted();
      wake = Promise.withResolvers<void>();
      await Promise.race([wake.promise, reading]);
    }
  };
  return {
    writes,
    async allActive(names) {
      await until(() => names.every((name) => seenOf(units.get(name)) !== null));
      return new Map(
        names.flatMap((name) => {
          const seen = seenOf(units.get(name));
          return seen === null ? [] : [[name, seen] as const];
        }),
      );
    },
    async allGone(names) {
      await until(() => names.every((name) => (units.get(name)?.reporting.size ?? 0) === 0));
      for (const name of names) units.delete(name);
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await reading;
    },
  };
}

function seenOf(notes: Notes | undefined): Seen | null {
  if (notes?.decidedAt === undefined || notes.placedAt === undefined || notes.reportedAt === undefined) return null;
  const { decidedAt, placedAt, reportedAt, machine = "" } = notes;
  return { decidedAt, placedAt, reportedAt, machine };
}
