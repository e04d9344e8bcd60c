import type { View } from "@quarterdeck/commands";
import { escapeLine } from "./escape-text.ts";

/** A progress view in one line: its heading, and what it waits for. */
export function progressLine(view: View): string {
  const texts = view.blocks.flatMap((block) => (block.kind === "heading" || block.kind === "note" ? [block.text] : []));
  return escapeLine(texts.join(": "));
}
