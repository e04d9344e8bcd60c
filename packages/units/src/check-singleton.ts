import { splitUnitName, type Problem, type UnitName } from "@quarterdeck/model";
import { commandsOf, programOf } from "./mistakes/command-line.ts";
import { readContainerRun, type ContainerRun } from "./mistakes/container-run.ts";
import { parseTimeSpan } from "./parse-time-span.ts";
import { parseTruth } from "./parse-truth.ts";
import { assignmentsOf, valueOf, type UnitDocument } from "./unit-document.ts";
import { unitFault } from "./unit-fault.ts";

/**
 * What `Singleton=true` asks of a unit, or `null`: that systemd can end all of it by itself, and in a bounded time. @see systemd.kill(5)
 */
export function checkSingleton(name: UnitName, document: UnitDocument): Problem | null {
  if (splitUnitName(name).suffix !== ".service")
    return unitFault(
      "Singleton=true is for services: systemd stops nothing else for certain",
      "say it in the service that this unit starts",
    );
  const mode = assignmentsOf(document, "Service", "KillMode").at(-1);
  if (mode !== undefined && (mode.value === "none" || mode.value === "process"))
    return unitFault(
      `with KillMode=${mode.value} processes outlive the unit, and two copies of a Singleton=true unit could run`,
      "KillMode=mixed, or leave it away",
      mode,
    );
  const kill = assignmentsOf(document, "Service", "SendSIGKILL").at(-1);
  const kills = kill === undefined ? null : parseTruth(kill.value);
  if (kill !== undefined && kills?.ok === true && !kills.value)
    return unitFault("without SendSIGKILL= a Singleton=true unit may never end", "remove SendSIGKILL=", kill);
  for (const command of commandsOf(document, "ExecStart")) {
    const run = readContainerRun(command);
    if (run !== null && !removesAfter(document, run)) return unitFault(...leftContainer(run), command.assignment);
  }
  return null;
}

/**
 * How long each step of stopping the unit may take so that all of them fit into `seconds`: each `ExecStop=`, the time between SIGTERM and SIGKILL,
 * each `ExecStopPost=`. A shorter `TimeoutStopSec=` of the unit's own stays.
 */
export function stopStepSeconds(document: UnitDocument, seconds: number): number {
  const steps = 1 + commandsOf(document, "ExecStop").length + commandsOf(document, "ExecStopPost").length;
  const most = Math.floor((seconds * 1000) / steps) / 1000;
  const own = ownStopSeconds(document);
  return own === null ? most : Math.min(own, most);
}

/** systemd takes `infinity`, 0 and what it cannot read for no limit of the unit's own, or for its default. */
function ownStopSeconds(document: UnitDocument): number | null {
  const value = valueOf(document, "Service", "TimeoutStopSec") ?? valueOf(document, "Service", "TimeoutSec");
  const span = value === null ? null : parseTimeSpan(value);
  return span === null || !span.ok || span.value <= 0 ? null : span.value;
}

function leftContainer({ name, program }: ContainerRun): readonly [string, string] {
  if (name === null)
    return [
      `${program} run in a Singleton=true unit without --name: nobody could remove the container when the client is killed`,
      `--name …, and ExecStopPost=-/usr/bin/${program} rm -f …`,
    ];
  return [
    `a killed ${program} run leaves its container running: a Singleton=true unit has to remove ${name} itself when it ends`,
    `ExecStopPost=-/usr/bin/${program} rm -f ${name}`,
  ];
}

function removesAfter(document: UnitDocument, { name, program }: ContainerRun): boolean {
  return commandsOf(document, "ExecStopPost").some(
    (command) =>
      programOf(command) === program &&
      command.words.includes("rm") &&
      command.words.some((word) => word === "--force" || /^-[a-z]*f[a-z]*$/.test(word)) &&
      name !== null &&
      command.words.includes(name),
  );
}
