import { signal } from "@preact/signals";

/** One line at the foot of the page about what did not work; goes by itself. */
export const notice = signal("");

const SHOWN_MS = 6_000;

/** Runs what a click started and shows what it threw: nobody else would. */
export function attempt(work: () => Promise<unknown>): void {
  work().catch((error: unknown) => {
    notice.value = error instanceof Error ? error.message : String(error);
    setTimeout(() => (notice.value = ""), SHOWN_MS);
  });
}
