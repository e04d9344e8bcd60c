import { runDaemon } from "@quarterdeck/daemon";
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
  return runDaemon("agent", async (context, signal) => {
    await using manager = new SystemdUnitManager();
    await runAgent(
      context,
      { manager, files: new UnitFiles(), places: { run: "/run/quarterdeck", state: "/var/lib/quarterdeck" } },
      signal,
    );
  });
}
