import type { View } from "./view.ts";

/** What a running command says: any number of `progress` and `lines`, then exactly one that is final. */
export type CommandUpdate =
  /** Takes the place of the progress before it; throttling is the renderer's. */
  | { readonly kind: "progress"; readonly final: false; readonly view: View }
  /** To be added to what was printed before (`journal --follow`). */
  | { readonly kind: "lines"; readonly final: false; readonly lines: readonly string[] }
  | { readonly kind: "done"; readonly final: true; readonly view: View };
