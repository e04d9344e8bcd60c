/** Hands every event to every listener, at once and in order. Listeners must not throw. */
export type Bus<Event> = {
  publish(event: Event): void;
  /** Calls `listener` with each event until disposed. */
  subscribe(listener: (event: Event) => void): Disposable;
};

/** A bus without listeners. */
export function createBus<Event>(): Bus<Event> {
  const listeners = new Set<(event: Event) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

/**
 * Waits until `condition` holds, testing it now and after every event; true when it does, false when `ms` have passed or
 * `signal` fires first.
 */
export async function until<Event>(
  bus: Bus<Event>,
  condition: () => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (condition()) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = () => resolve(false);
  const timer = setTimeout(stop, ms);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  using _subscription = bus.subscribe(() => condition() && resolve(true));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** The events of a bus as a stream, from this call on (not from the first look) until `signal` fires. */
export function follow<Event>(bus: Bus<Event>, signal: AbortSignal): AsyncGenerator<Event> {
  const waiting: Event[] = [];
  let wake = () => {};
  const subscription = bus.subscribe((event) => {
    waiting.push(event);
    wake();
  });
  const end = () => {
    subscription[Symbol.dispose]();
    wake();
  };
  signal.addEventListener("abort", end, { once: true });
  async function* drain(): AsyncGenerator<Event> {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    }
  }
  return drain();
}
