const ELLIPSIS = "…";

/**
 * Cuts `text` to at most `limit` UTF-16 units, an ellipsis included, and never inside a code point.
 * UTF-16 units are the larger of the two ways a server may count characters, so the result fits by both.
 */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  if (limit < ELLIPSIS.length) return "";
  return text.slice(0, boundaryBefore(text, limit - ELLIPSIS.length)) + ELLIPSIS;
}

/**
 * As {@link truncate}, for text that is already mrkdwn: also never inside an entity (`&lt;`) or a control sequence (`<…>`),
 * for half of one would show as rubbish or swallow what follows.
 */
export function truncateMrkdwn(text: string, limit: number): string {
  if (text.length <= limit) return text;
  if (limit < ELLIPSIS.length) return "";
  const cut = boundaryBefore(text, limit - ELLIPSIS.length);
  return text.slice(0, cut).replace(HALF_SEQUENCE, "") + ELLIPSIS;
}

/** An entity or a control sequence that has begun and not ended. */
const HALF_SEQUENCE = /(?:&[a-z]{0,4}|<[^<>]*)$/;

function boundaryBefore(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  const splitsPair = index > 0 && unit >= 0xdc00 && unit <= 0xdfff && isHighSurrogate(text.charCodeAt(index - 1));
  return splitsPair ? index - 1 : index;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
