/**
 * The candidate a person most likely meant: one that the word (3 letters or more) is the beginning of, or one within a third of the
 * word's length in edits (at least 1), where two neighbours that changed places are one edit; `null` when there is none. An ending that both have, such as `.service`, says nothing and is not
 * measured.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const [from, to] = withoutCommonEnding(word.toLowerCase(), candidate.toLowerCase());
    // Half of a short word in edits makes another word of it: nope is not type.
    const limit = Math.max(1, Math.floor(from.length / 3));
    const distance = from.length >= 3 && to.startsWith(from) ? 1 : editDistance(from, to);
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function withoutCommonEnding(word: string, candidate: string): readonly [string, string] {
  const ending = /\.[a-z]+$/.exec(word)?.[0] ?? "";
  const common = ending !== "" && ending !== word && candidate.endsWith(ending);
  return common ? [word.slice(0, -ending.length), candidate.slice(0, -ending.length)] : [word, candidate];
}

/** Damerau's distance, each pair of letters changing places at most once; one row at a time. */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = swaps ? (before[j - 2] ?? 0) + 1 : substituted;
      next.push(Math.min(substituted, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
