import { rmSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { makeTestHome, npmStart } from "./npm-start.ts";
import { labArgv, runProcess } from "./run-process.ts";

/** One lab for all files of the suite: started the way a person starts it, stopped by SIGTERM to npm. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = makeTestHome("suite");
  // What an earlier run left, were it killed: machines with their disks would carry its state into this one.
  await runProcess(labArgv(["reset", "--yes"]), { env: { QUARTERDECK_HOME: home }, timeoutMs: 60_000 });
  const lab = await npmStart(home);
  process.stdout.write(`lab ready after ${(lab.readyAfterMs / 1000).toFixed(1)} s on port ${lab.port}\n`);
  project.provide("labHome", home);
  project.provide("labPort", lab.port);
  return async () => {
    await lab.stop();
    if (process.env["CI"] !== undefined) rmSync(`${home}/machines`, { recursive: true, force: true });
  };
}
