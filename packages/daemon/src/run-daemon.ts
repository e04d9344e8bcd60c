import { problemOf, type Config } from "@quarterdeck/model";
import { createLogger, type Logger } from "./create-logger.ts";
import { createNotifier, type Notifier } from "./create-notifier.ts";
import { readConfig } from "./read-config.ts";
import { shutdownSignal } from "./shutdown-signal.ts";

/** What a role's body is given; `signal` aborts when systemd asks it to stop. */
export type DaemonContext = { readonly config: Config; readonly log: Logger; readonly notifier: Notifier };

/**
 * The frame of every long-running role: config, logger, notifier and signals around `body`. Resolves to the exit code: 0 after a
 * clean stop, 1 after an error, which is logged with its code; systemd's `Restart=always` does the rest.
 */
export async function runDaemon(
  name: string,
  body: (context: DaemonContext, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const log = createLogger(name);
  const signal = shutdownSignal();
  using notifier = createNotifier();
  process.on("unhandledRejection", (error) => {
    log.fatal(
      { problem: problemOf(error), stack: error instanceof Error ? error.stack : undefined },
      "a promise was rejected and nobody waited for it",
    );
    process.exit(1);
  });
  try {
    const config = await readConfig();
    await body({ config, log, notifier }, signal);
    notifier.stopping();
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    const problem = problemOf(error);
    log.fatal({ ...problem, stack: error instanceof Error ? error.stack : undefined }, problem.message);
    return 1;
  }
}
