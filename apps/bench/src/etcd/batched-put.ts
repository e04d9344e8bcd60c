import type { BenchClient, BenchEntry } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";

/** What etcd takes in one transaction. */
const MOST_OPERATIONS = 128;
const IN_FLIGHT = 8;

export type Batch = {
  readonly keys: number;
  /** Below which the keys go; ends in `/`. */
  readonly prefix: string;
};

/** Writes many keys, 128 a transaction, eight transactions under way. @returns keys a second */
export async function batchedPut(client: BenchClient, batch: Batch): Promise<number> {
  const began = performance.now();
  await sharedOut(chunksOf(entriesOf(batch)), IN_FLIGHT, (chunk) => client.putTogether(chunk));
  return perSecond(batch, began);
}

/** The same keys by single puts, as many under way as keys are in {@link batchedPut}. @returns keys a second */
export async function singlePuts(client: BenchClient, batch: Batch): Promise<number> {
  const began = performance.now();
  await sharedOut([...entriesOf(batch)], IN_FLIGHT * MOST_OPERATIONS, (entry) => client.put(entry));
  return perSecond(batch, began);
}

function entriesOf({ keys, prefix }: Batch): readonly BenchEntry[] {
  return Array.from({ length: keys }, (_, index) => ({
    path: `${prefix}${String(index).padStart(6, "0")}`,
    value: benchValue(index),
  }));
}

const perSecond = ({ keys }: Batch, began: number): number => keys / ((performance.now() - began) / 1_000);

function chunksOf(entries: readonly BenchEntry[]): readonly (readonly BenchEntry[])[] {
  const count = Math.ceil(entries.length / MOST_OPERATIONS);
  return Array.from({ length: count }, (_, index) =>
    entries.slice(index * MOST_OPERATIONS, (index + 1) * MOST_OPERATIONS),
  );
}

/** Does the pieces in order, so many at a time. */
async function sharedOut<Piece>(
  pieces: readonly Piece[],
  atATime: number,
  work: (piece: Piece) => Promise<void>,
): Promise<void> {
  const rest = pieces.values();
  const worker = async (): Promise<void> => {
    for (const piece of rest) await work(piece);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
