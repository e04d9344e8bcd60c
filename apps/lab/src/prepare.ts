import { homeFromEnvironment } from "./home.ts";
import { ensureHostPackages } from "./host-packages.ts";
import { gatherIngredients } from "./prepare-host.ts";
import { createProgress } from "./progress.ts";
import { createStopSignal } from "./stop-signal.ts";

/** `lab prepare`: installs, fetches and builds all that a start needs, and starts nothing. */
export async function prepare(environment: NodeJS.ProcessEnv): Promise<number> {
  const stop = createStopSignal();
  const progress = createProgress((line) => process.stdout.write(`lab: ${line}\n`));
  await ensureHostPackages(progress, stop);
  await gatherIngredients({ home: homeFromEnvironment(environment), progress, runs: "all" }, stop);
  return 0;
}
