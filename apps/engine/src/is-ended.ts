import type { Relocation } from "@quarterdeck/model";

/** Whether nothing more comes of it. */
export function isEnded({ state }: Relocation): boolean {
  return state === "done" || state === "failed";
}
