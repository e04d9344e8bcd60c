import { fleetctlFromGo } from "../apps/lab/src/fleetctl/fleetctl-from-go.ts";
import { homeFromEnvironment } from "../apps/lab/src/home.ts";
import { createProgress } from "../apps/lab/src/progress.ts";

/** The original fleetctl, which the tests run against fleet's API. Without it they skip themselves and say how to get it. */
export async function buildFleetctl(signal: AbortSignal): Promise<void> {
  const progress = createProgress((line) => process.stdout.write(`${line}\n`));
  const search = { home: homeFromEnvironment(process.env), progress, environment: process.env };
  const built = await fleetctlFromGo(search, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return { ok: false as const, error: error instanceof Error ? error.message : String(error) };
  });
  if (!built.ok) process.stdout.write(`no fleetctl 1.0, so fleet's API is not tried with it: ${built.error}\n`);
}
