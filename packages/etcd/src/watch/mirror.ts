import type { Mirror } from "../client.ts";
import { KeyTable } from "../keyspace/key-table.ts";
import type { EtcdPort } from "../port.ts";
import { telemetry } from "../telemetry.ts";
import { Wakeups } from "./wakeups.ts";

/** Holds the prefixes in memory, fed by follow. Reads between two awaits see one revision; each batch is applied whole. */
export async function createMirror(port: EtcdPort, prefixes: readonly string[], signal: AbortSignal): Promise<Mirror> {
  const ended = new AbortController();
  const lifetime = AbortSignal.any([signal, ended.signal]);
  const wakeups = new Wakeups();
  let table = new KeyTable(prefixes);
  let confirmedAt = performance.now();
  const confirm = (): void => {
    const now = performance.now();
    if (telemetry.lag.hasSubscribers) telemetry.lag.publish({ paths: prefixes, ageMs: now - confirmedAt });
    confirmedAt = now;
  };

  const first = Promise.withResolvers<void>();
  const feed = async (): Promise<void> => {
    try {
      for await (const event of port.follow(prefixes, { onConfirmed: confirm }, lifetime)) {
        if (event.kind === "reset") {
          confirm();
          table = event.snapshot;
          first.resolve();
        } else {
          table.apply(event.revision, event.changes);
        }
        wakeups.wake({ reset: event.kind === "reset" });
      }
      first.reject(lifetime.reason);
      wakeups.end();
    } catch (error) {
      first.reject(error);
      wakeups.fail(error);
    }
  };
  const fed = feed();
  await first.promise;

  return {
    get revision() {
      return table.revision;
    },
    get: (key) => table.get(key),
    list: (range) => table.list(range),
    listWhere: (range, where) => table.listWhere(range, where),
    unreadable: (range) => table.unreadable(range),
    ageMs: () => performance.now() - confirmedAt,
    changes: (until) => wakeups.listen(until),
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await fed;
    },
  };
}
