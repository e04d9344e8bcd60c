import { CodedError } from "@quarterdeck/model";
import { backoffMs } from "../connection/backoff.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import { KeyTable } from "../keyspace/key-table.ts";
import { readSpans, spanOf, type ReadResult, type Span } from "../keyspace/read-range.ts";
import { relativeTo } from "../keyspace/relative-to.ts";
import type { FollowOptions, PortFollowEvent } from "../port.ts";
import type { WatchLoop } from "./watch-loop.ts";

type Parts = { readonly endpoints: Endpoints; readonly loop: WatchLoop; readonly prefix: string };

/** The reader's side of a watcher: snapshots where continuity is missing, batches where it holds. */
export async function* follow(
  { endpoints, loop, prefix }: Parts,
  paths: readonly string[],
  options: FollowOptions,
  signal: AbortSignal,
): AsyncIterable<PortFollowEvent> {
  if (signal.aborted) return;
  const spans = paths.map((path) => spanOf(prefix, path));
  const watcher = loop.open(spans, { from: options.from ?? null, onConfirmed: options.onConfirmed ?? (() => {}) });
  try {
    while (!signal.aborted) {
      const batch = watcher.take();
      const why = watcher.resetDue;
      if (batch !== null) {
        yield batch;
      } else if (why !== null) {
        const { generation } = watcher;
        const found = await readPatiently(endpoints, spans, signal);
        if (found === null || !watcher.beginAt(generation, found.revision)) continue;
        const snapshot = KeyTable.of(paths, found.revision, relativeTo(prefix, found.values));
        yield { kind: "reset", snapshot, why };
      } else {
        await watcher.changed(signal);
      }
    }
  } finally {
    loop.release(watcher);
  }
}

/** Tries until etcd answers; null when the signal came first. A denied read is thrown. */
async function readPatiently(
  endpoints: Endpoints,
  spans: readonly Span[],
  signal: AbortSignal,
): Promise<ReadResult | null> {
  for (let failures = 0; ; failures += 1) {
    try {
      if (failures > 0) await pause(backoffMs(failures - 1), signal);
      return await readSpans(endpoints, spans, signal);
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof CodedError) || !error.retryable) throw error;
    }
  }
}
