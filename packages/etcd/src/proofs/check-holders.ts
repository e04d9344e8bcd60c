import { lockRecordSchema } from "@quarterdeck/model";
import { z } from "zod";
import { readJson } from "../election/read-json.ts";
import { contests, type ContestName, type FencedWrite, type Observed, type Overlap } from "./contest.ts";
import type { EtcdHistory } from "./etcd-history.ts";

type Told = {
  readonly writes: readonly FencedWrite[];
  readonly overlaps: readonly Overlap[];
  readonly observed: readonly Observed[];
};

const writtenSchema = z.strictObject({ fence: z.string().transform(BigInt), number: z.int() });

/**
 * Holds what holders believed and were told against what happened, and says what is wrong; empty when nothing is. Whatever was written through a
 * fence was written while that fence was the first of its queue; what was acknowledged stands, what was refused does not; fences only rise. A holder
 * that believed in itself beside another had its key taken by force, and was not just too slow to see its lease end.
 */
export function checkHolders(history: EtcdHistory, { writes, overlaps, observed }: Told): readonly string[] {
  return [
    ...Object.keys(contests).flatMap((contest) => [...checkEffects(history, contest as ContestName)]),
    ...checkOutcomes(history, writes),
    ...overlaps.filter((overlap) => !isForced(history, overlap)).map(showOverlap),
    ...checkObserved(history, observed),
  ];
}

/** The writes that took effect, whatever their writers were told. */
function* effectsOf(history: EtcdHistory, contest: ContestName) {
  for (const [revision, changes] of history.revisions())
    for (const { path, value } of changes)
      if (path === contests[contest].written && value !== null)
        yield { revision, ...writtenSchema.parse(JSON.parse(value)) };
}

function* checkEffects(history: EtcdHistory, contest: ContestName): Iterable<string> {
  let highest = 0n;
  for (const { revision, fence, number } of effectsOf(history, contest)) {
    const holder = holderAt(history, contest, revision - 1n);
    if (holder !== fence)
      yield `${contest}: write ${number} of fence ${fence} took effect at ${revision}, when ${holder} held`;
    if (fence < highest) yield `${contest}: write ${number} of fence ${fence} came after one of fence ${highest}`;
    if (fence > highest) highest = fence;
  }
}

function* checkOutcomes(history: EtcdHistory, writes: readonly FencedWrite[]): Iterable<string> {
  const effects = new Map<number, bigint>();
  for (const contest of Object.keys(contests))
    for (const { number, revision } of effectsOf(history, contest as ContestName)) {
      if (effects.has(number)) yield `write ${number} took effect twice`;
      effects.set(number, revision);
    }
  for (const { number, contest, fence, believed, outcome } of writes) {
    const effect = effects.get(number);
    const what = `${contest}: write ${number} of fence ${fence}`;
    if (typeof outcome === "bigint" && effect !== outcome)
      yield `${what} was acknowledged at ${outcome}, but took effect at ${effect ?? "no revision"}`;
    if (outcome === "refused" && effect !== undefined) yield `${what} was refused, but took effect at ${effect}`;
    if (!believed && outcome !== "refused") yield `${what} was not refused at once, though it was known to be over`;
  }
}

/** The create revision of the first in the queue. */
function holderAt(history: EtcdHistory, contest: ContestName, revision: bigint): bigint | null {
  const places = history.stateAt(revision, (path) => path.startsWith(`${contests[contest].queue}/`));
  const fences = [...places.values()].map(({ createRevision }) => createRevision);
  return fences.reduce<bigint | null>((first, fence) => (first === null || fence < first ? fence : first), null);
}

function isForced(history: EtcdHistory, { elder }: Overlap): boolean {
  if (elder.evicted) return true;
  const { queue } = contests[elder.contest];
  for (const [, changes] of history.revisions()) {
    if (!changes.some(({ path, value }) => path === elder.key && value === null)) continue;
    const record = changes.find(({ path }) => path === queue)?.value;
    const steals = record == null ? [] : (readJson(record, lockRecordSchema)?.steals ?? []);
    if (steals.some(({ victim }) => victim.fence === elder.fence.toString())) return true;
  }
  return false;
}

function showOverlap({ elder, younger }: Overlap): string {
  return `${elder.contest}: fence ${elder.fence} believed in itself when ${younger} held, and nobody had taken its key`;
}

function* checkObserved(history: EtcdHistory, observed: readonly Observed[]): Iterable<string> {
  let before = 0n;
  const leaders = new Set<bigint | null>();
  for (const [revision] of history.revisions()) leaders.add(holderAt(history, "election", revision));
  for (const fence of observed) {
    if (fence === null) continue;
    if (!leaders.has(fence)) yield `fence ${fence} was observed to lead, and never did`;
    if (fence < before) yield `fence ${fence} was observed to lead after ${before}`;
    before = fence;
  }
}
