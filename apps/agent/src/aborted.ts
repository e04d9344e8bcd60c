/** Resolves when the signal aborts. For a signal that lives longer than many waits use a listener that is taken away again. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
