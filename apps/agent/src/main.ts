import { runDaemon } from "@quarterdeck/daemon";

/** `quarterdeck agent`: runs until systemd stops it. Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    process.stderr.write(`error[USAGE]: quarterdeck agent takes no arguments, got ${JSON.stringify(argv[0])}\ntry: quarterdeck agent\n`);
    return 2;
  }
  return runDaemon("agent", async ({ notifier }, signal) => {
    notifier.ready("started");
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  });
}
