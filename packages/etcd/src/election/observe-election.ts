import type { z } from "zod";
import type { EtcdClient, FollowEvent } from "../client.ts";
import { checkPath } from "../keyspace/check-path.ts";
import type { Revision } from "../keyspace/key.ts";
import { matchRange } from "../keyspace/match-range.ts";
import { readJson } from "./read-json.ts";
import { byFence, placeOf, queueRange, type Place } from "./read-queue.ts";

/** Who leads. Whoever acts on it later compares `fence`: by then another may lead. */
export type Leader<Value> = {
  readonly leaderKey: string;
  readonly leaseHex: string | null;
  readonly fence: Revision;
  /** Null when it is not what `schema` takes: the leader is somebody else's tool, or newer. */
  readonly value: Value | null;
  /** The value as it was put; no more to be trusted than who put it. */
  readonly text: string;
};

/** See `EtcdClient.observe`. */
export async function* observeElection<Value>(
  client: EtcdClient,
  { election, schema }: { readonly election: string; readonly schema: z.ZodType<Value> },
  signal: AbortSignal,
): AsyncIterable<Leader<Value> | null> {
  checkPath(election);
  let places = new Map<string, Place>();
  let shown: Place | null | undefined;
  for await (const event of client.follow([`${election}/`], {}, signal)) {
    places = advance(places, election, event);
    const [first = null] = [...places.values()].toSorted(byFence);
    if (shown !== undefined && shown?.fence === first?.fence && shown?.text === first?.text) continue;
    shown = first;
    yield first === null ? null : leaderOf(first, schema);
  }
}

function advance(places: Map<string, Place>, election: string, event: FollowEvent): Map<string, Place> {
  const range = queueRange(election);
  if (event.kind === "reset") return new Map(event.snapshot.list(range).map((entry) => [entry.path, placeOf(entry)]));
  for (const { path, json, createRevision } of event.changes) {
    if (json === null) places.delete(path);
    else if (matchRange(range, path) !== null) places.set(path, placeOf({ path, value: json, createRevision }));
  }
  return places;
}

function leaderOf<Value>({ path, leaseHex, fence, text }: Place, schema: z.ZodType<Value>): Leader<Value> {
  return { leaderKey: path, leaseHex, fence, text, value: readJson(text, schema) };
}
