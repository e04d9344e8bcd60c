import { renderDataUrl } from "./data-url.ts";
import type { IgnitionFile } from "./spec.ts";

/** A file that replaces whatever the image has there; owned by root, 0644 unless said. */
export function textFile(path: string, text: string, mode = 0o644): IgnitionFile {
  return { path, mode, overwrite: true, contents: { source: renderDataUrl(text) } };
}

/** For what only root may read. */
export const SECRET = 0o600;
