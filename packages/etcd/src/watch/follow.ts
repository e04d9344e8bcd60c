import { CodedError } from "@quarterdeck/model";
import type { Change } from "../client.ts";
import { backoffMs } from "../connection/backoff.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import { KeyTable } from "../keyspace/key-table.ts";
import { readSpans, spanOf, type ReadResult } from "../keyspace/read-range.ts";
import { relativeTo } from "../keyspace/relative-to.ts";
import type { FollowOptions, PortFollowEvent } from "../port.ts";
import { telemetry } from "../telemetry.ts";
import type { Feed } from "./feed.ts";
import type { WatchLoop } from "./watch-loop.ts";

type Parts = { readonly endpoints: Endpoints; readonly loop: WatchLoop; readonly prefix: string };

/**
 * The reader's side of a feed: snapshots where continuity is missing, batches where it holds.
 *
 * etcd checks permissions when a watch begins and never again: who loses a role goes on being served until the stream breaks, and is refused
 * then (`ETCD_FORBIDDEN`). A follow that was refused is over; after a new grant a new one works.
 */
export async function* follow(
  parts: Parts,
  paths: readonly string[],
  { from, onConfirmed = () => {}, maxPending }: FollowOptions,
  signal: AbortSignal,
): AsyncIterable<PortFollowEvent> {
  if (signal.aborted) return;
  const { loop, prefix } = parts;
  const options = { from: from ?? null, onConfirmed, ...(maxPending === undefined ? {} : { limits: maxPending }) };
  const subscription = loop.open(
    paths.map((path) => spanOf(prefix, path)),
    options,
  );
  const { feed, follower } = subscription;
  using _ = follower.wakeOnAbort(signal);
  try {
    while (!signal.aborted) {
      const batch = follower.take();
      const why = follower.resetWhy;
      if (batch !== null) {
        yield batch;
      } else if (why !== null && feed.attached) {
        const ticket = follower.beginReset();
        const found = await untilAborted(readTogether(parts, feed), signal);
        if (found === null || !follower.beginAt(ticket, found.revision)) continue;
        if (why !== "start" && telemetry.reset.hasSubscribers) telemetry.reset.publish({ paths, why });
        yield { kind: "reset", snapshot: KeyTable.of(paths, found.revision, found.values), why };
      } else {
        await follower.changed();
      }
    }
  } finally {
    loop.release(subscription);
  }
}

/** A snapshot no older than anything that the feed has passed on until now; those who ask at the same time share one. */
async function readTogether(parts: Parts, feed: Feed): Promise<ReadResult | null> {
  const atLeast = feed.startRevision;
  const shared = await (feed.snapshot ??= readPatiently(parts, feed));
  if (shared === null || shared.revision >= atLeast) return shared;
  return (feed.snapshot ??= readPatiently(parts, feed));
}

/** Tries until etcd answers; null when nobody follows any more. A denied read is thrown. Paths are relative to the prefix. */
async function readPatiently({ endpoints, loop, prefix }: Parts, feed: Feed): Promise<ReadResult | null> {
  const { signal } = feed.ended;
  try {
    for (let failures = 0; ; failures += 1) {
      try {
        if (failures > 0) await pause(backoffMs(failures - 1), signal);
        const found = await readSpans(endpoints, feed.spans, signal);
        const values = relativeTo(prefix, found.values);
        let newest: Change | null = null;
        for (const value of values) if (value.modRevision > (newest?.modRevision ?? 0n)) newest = value;
        loop.history.saw(newest);
        return { ...found, values };
      } catch (error) {
        if (signal.aborted) return null;
        if (!(error instanceof CodedError) || !error.retryable) throw error;
      }
    }
  } finally {
    feed.snapshot = null;
  }
}

/** Null when the signal comes first. */
async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | null> {
  const { promise: aborted, resolve } = Promise.withResolvers<null>();
  const onAbort = (): void => resolve(null);
  signal.addEventListener("abort", onAbort);
  try {
    return signal.aborted ? null : await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
