const PARENT_CHECK_MS = 500;
/** npm passes on a Ctrl-C that the terminal has sent to us already: signals this close together are one. */
const SAME_SIGNAL_MS = 1000;

/**
 * Fires on SIGINT, SIGTERM and SIGHUP, and when the parent process is gone: npm, killed, cannot pass a signal on.
 * A second SIGINT or SIGTERM ends this process at once; the next start cleans up after it.
 */
export function createStopSignal(): AbortSignal {
  const stop = new AbortController();
  let toldAt: number | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    if (toldAt !== null && name !== "SIGHUP" && performance.now() - toldAt > SAME_SIGNAL_MS) process.exit(130);
    toldAt ??= performance.now();
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
