/** What is to be done when a signal is aborted; an entry, and one listener, as long as anything is. */
const waiting = new WeakMap<AbortSignal, Set<{ readonly act: () => void }>>();

/**
 * Calls `act` once when `signal` is aborted, which it must not be yet; the answer takes it back. The signal has one listener, however many acts
 * there are: Node looks through all that a signal has for each that is added, which costs more than all else where a thousand calls are under way.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const own = { act };
  let acts = waiting.get(signal);
  if (acts === undefined) {
    acts = new Set();
    waiting.set(signal, acts);
    signal.addEventListener("abort", actAll);
  }
  const among = acts.add(own);
  return () => {
    if (among.delete(own) && among.size === 0) forget(signal);
  };
}

function actAll(this: AbortSignal): void {
  const acts = waiting.get(this) ?? new Set();
  forget(this);
  for (const { act } of acts) act();
}

function forget(signal: AbortSignal): void {
  waiting.delete(signal);
  signal.removeEventListener("abort", actAll);
}
