const PARENT_CHECK_MS = 500;

/**
 * Fires on SIGINT, SIGTERM and SIGHUP, and when the parent process is gone: npm, killed, cannot pass a signal on.
 * A second SIGINT or SIGTERM ends this process at once; the next start cleans up after it.
 */
export function createStopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted && name !== "SIGHUP") process.exit(130);
    stop.abort(new DOMException(`told to stop by ${name}`, "AbortError"));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop.abort(new DOMException("the parent process is gone", "AbortError"));
  }, PARENT_CHECK_MS);
  watch.unref();
  return stop.signal;
}
