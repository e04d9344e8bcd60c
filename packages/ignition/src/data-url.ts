import { CodedError } from "@quarterdeck/model";

/**
 * The text as a percent-encoded `data:` URL, the form in which a reviewer can still read it.
 * @throws {CodedError} INVALID_CONFIG when the text has a lone surrogate, which no byte sequence stands for.
 * @see RFC 2397
 */
export function renderDataUrl(text: string): string {
  if (!text.isWellFormed())
    throw new CodedError("INVALID_CONFIG", { message: "the text of a file is not well-formed Unicode" });
  return `data:,${encodeURIComponent(text)}`;
}

/** The text in a URL that {@link renderDataUrl} made; `null` for anything else, base64 and media types included. */
export function parseDataUrl(url: string): string | null {
  if (!/^data:,(?:[A-Za-z0-9\-_.!~*'()]|%[0-9A-Fa-f]{2})*$/.test(url)) return null;
  try {
    return decodeURIComponent(url.slice("data:,".length));
  } catch (error) {
    // The escapes are whole, so all that is left to go wrong is UTF-8.
    if (error instanceof URIError) return null;
    throw error;
  }
}
