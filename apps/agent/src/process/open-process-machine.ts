import { join } from "node:path";
import { readMachineId } from "@quarterdeck/daemon";
import { CodedError, type Config } from "@quarterdeck/model";
import { readBootId } from "../machine-facts.ts";
import type { AgentParts } from "../run-agent.ts";
import { UnitFiles } from "../unit-files.ts";
import { ProcessUnitManager } from "./process-unit-manager.ts";
import { renderStatus } from "./render-status.ts";

/** What a program needs to find its machine, and the lab to find the machine's processes. */
const HANDED_ON = /^QUARTERDECK_/;

/**
 * The parts of an agent whose machine is a folder, `agent.root`, and whose units are plain processes.
 * @throws {CodedError} INVALID_CONFIG when that folder would be this computer itself
 */
export async function openProcessMachine(config: Config): Promise<AgentParts & AsyncDisposable> {
  const { root } = config.agent;
  if (root === "/")
    throw new CodedError("INVALID_CONFIG", {
      message: "quarterdeck.toml: agent.root is /, where plain processes would mix with this computer's own files",
      try: "name a folder of the machine's own in agent.root",
    });
  const places = {
    run: join(root, "run/quarterdeck"),
    state: join(root, "var/lib/quarterdeck"),
    containers: join(root, "var/lib/docker"),
  };
  const directories = { units: join(places.run, "units"), links: join(places.run, "links") };
  const environment = Object.entries(process.env).flatMap(([name, value]) =>
    HANDED_ON.test(name) && value !== undefined ? [[name, value] as const] : [],
  );
  const manager = await ProcessUnitManager.open({
    place: {
      root,
      hostname: config.machine.hostname,
      machineId: await readMachineId(),
      bootId: await readBootId(),
      environment: Object.fromEntries(environment),
    },
    links: directories.links,
    records: join(places.run, "processes"),
    journal: join(root, "var/log/quarterdeck"),
  });
  return {
    manager,
    files: new UnitFiles(directories),
    places,
    journal: (query, signal) => manager.journal.read(query, signal),
    statusText: async (unit, lines, signal) => {
      const query = { unit, lines, follow: false, sinceSeconds: null, grep: null, format: "short" } as const;
      const properties = await manager.properties(unit);
      return renderStatus(unit, properties, await Array.fromAsync(manager.journal.read(query, signal)));
    },
    // Other machines of the lab are this computer too.
    address: config.machine.address,
    [Symbol.asyncDispose]: () => manager[Symbol.asyncDispose](),
  };
}
