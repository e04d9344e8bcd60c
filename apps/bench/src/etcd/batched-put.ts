import type { BenchClient, BenchEntry } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";
import { shareOut } from "./share-out.ts";

/** What etcd takes in one transaction. */
export const MOST_OPERATIONS = 128;
/** Transactions under way, as many as `transactParts` has. */
export const IN_FLIGHT = 8;

export type Batch = {
  readonly keys: number;
  /** Below which the keys go; ends in `/`. */
  readonly prefix: string;
};

/** Writes many keys, 128 a transaction, eight transactions under way. @returns keys a second */
export async function batchedPut(client: BenchClient, batch: Batch): Promise<number> {
  const began = performance.now();
  await client.putAll(entriesOf(batch));
  return perSecond(batch, began);
}

/** The same keys by single puts, as many under way as keys are in {@link batchedPut}. @returns keys a second */
export async function singlePuts(client: BenchClient, batch: Batch): Promise<number> {
  const began = performance.now();
  await shareOut(entriesOf(batch), IN_FLIGHT * MOST_OPERATIONS, (entry) => client.put(entry));
  return perSecond(batch, began);
}

function entriesOf({ keys, prefix }: Batch): readonly BenchEntry[] {
  return Array.from({ length: keys }, (_, index) => ({
    path: `${prefix}${String(index).padStart(6, "0")}`,
    value: benchValue(index),
  }));
}

const perSecond = ({ keys }: Batch, began: number): number => keys / ((performance.now() - began) / 1_000);
