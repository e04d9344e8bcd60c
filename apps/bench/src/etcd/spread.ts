/** What came out of several rounds. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** The value below or at which this share (0 to 1) of the values lies; of an even number the median is the mean of the middle two. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[Math.max(0, Math.min(index, sorted.length - 1))] ?? Number.NaN;
  const place = share * sorted.length;
  return Number.isInteger(place) ? (at(place - 1) + at(place)) / 2 : at(Math.floor(place));
}
