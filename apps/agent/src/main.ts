import { runDaemon, type DaemonContext } from "@quarterdeck/daemon";
import { readJournal } from "./http/read-journal.ts";
import { readStatus } from "./http/read-status.ts";
import { openProcessMachine } from "./process/open-process-machine.ts";
import { runAgent } from "./run-agent.ts";
import { SystemdUnitManager } from "./systemd/systemd-unit-manager.ts";
import { UnitFiles } from "./unit-files.ts";

/** `quarterdeck agent`: runs until systemd stops it. Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    process.stderr.write(
      `error[USAGE]: quarterdeck agent takes no arguments, got ${JSON.stringify(argv[0])}\ntry: quarterdeck agent\n`,
    );
    return 2;
  }
  return runDaemon("agent", (context, signal) =>
    context.config.agent.unit_manager === "process" ? runOnProcesses(context, signal) : runOnSystemd(context, signal),
  );
}

async function runOnSystemd(context: DaemonContext, signal: AbortSignal): Promise<void> {
  await using manager = new SystemdUnitManager();
  const places = { run: "/run/quarterdeck", state: "/var/lib/quarterdeck", containers: "/var/lib/docker" };
  const parts = {
    manager,
    files: new UnitFiles(),
    places,
    journal: readJournal,
    statusText: readStatus,
    address: null,
  };
  await runAgent(context, parts, signal);
}

async function runOnProcesses(context: DaemonContext, signal: AbortSignal): Promise<void> {
  await using machine = await openProcessMachine(context.config);
  await runAgent(context, machine, signal);
}
