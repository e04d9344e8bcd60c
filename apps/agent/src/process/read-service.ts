import { splitUnitName, succeed, type Result, type UnitName } from "@quarterdeck/model";
import {
  assignmentsIn,
  parseTimeSpan,
  parseUnitFile,
  parseWords,
  valueOf,
  valuesOf,
  type UnitDocument,
} from "@quarterdeck/units";
import { readSuccess, type ExitRule } from "./exit-rule.ts";
import { expandWord, type MachineNames } from "./expand-word.ts";
import { readCommand, type Command } from "./read-command.ts";
import { refuseUnit } from "./refuse-unit.ts";
import { isHonoured } from "./service-keys.ts";

/** A service as the process manager carries it out; times are milliseconds, `null` is no limit. */
export type Service = {
  readonly type: "simple" | "exec" | "oneshot";
  /** `Type=notify` of our own program, which is taken as started once it runs. */
  readonly notifies: boolean;
  readonly before: readonly Command[];
  /** One, but for a oneshot. */
  readonly start: readonly Command[];
  readonly stop: readonly Command[];
  /** `NAME=value`, in order; a later one wins. */
  readonly environment: readonly string[];
  readonly environmentFiles: readonly { readonly path: string; readonly mayMiss: boolean }[];
  readonly workingDirectory: { readonly path: string; readonly mayMiss: boolean } | null;
  readonly restart: "no" | "always" | "on-failure";
  readonly restartMs: number;
  readonly remainAfterExit: boolean;
  readonly startMs: number | null;
  readonly stopMs: number | null;
  readonly killSignal: NodeJS.Signals;
  readonly success: ExitRule;
  /** So many starts within so long, and no more; a burst of 0 is no limit. */
  readonly startLimit: { readonly intervalMs: number; readonly burst: number };
};

const YES = new Set(["yes", "true", "1", "on"]);
/** The only program whose `Type=notify` is taken for `exec`: it tells readiness to nobody who would wait for it here. */
const OWN_PROGRAM = "/opt/bin/quarterdeck";
const DEFAULT_TIMEOUT_MS = 90_000;

/** Reads a unit's file and drop-in; whatever would mean something else here than under systemd is refused with what works. */
export function readService(
  unit: UnitName,
  file: { readonly text: string; readonly dropIn: string | null },
  machine: MachineNames,
): Result<Service> {
  if (splitUnitName(unit).suffix !== ".service")
    return refuseUnit(unit, "only services run on plain processes", "make it a .service");
  const main = parseUnitFile(file.text);
  if (!main.ok) return main;
  const dropIn = parseUnitFile(file.dropIn ?? "");
  if (!dropIn.ok) return dropIn;
  const document: UnitDocument = { items: [...main.value.items, ...dropIn.value.items] };
  const foreign = [...assignmentsIn(document, "Unit"), ...assignmentsIn(document, "Service")].find(
    (assignment) => !isHonoured(assignment),
  );
  if (foreign !== undefined)
    return refuseUnit(
      unit,
      `line ${foreign.line}: ${foreign.key}=${foreign.value} needs systemd`,
      "leave it out, or run the lab as root where systemd-nspawn works",
    );
  return readParts(unit, document, machine);
}

function readParts(unit: UnitName, document: UnitDocument, machine: MachineNames): Result<Service> {
  const one = (key: string): string | null => valueOf(document, "Service", key);
  const commands = readCommands(unit, document, machine);
  if (!commands.ok) return commands;
  const type = readType(unit, one("Type"), commands.value.start);
  if (!type.ok) return type;
  const { start } = commands.value;
  if (start.length === 0) return refuseUnit(unit, "it has no ExecStart=", "add ExecStart=/path/to/program");
  if (start.length > 1 && type.value !== "oneshot")
    return refuseUnit(unit, "it has more than one ExecStart=", "write Type=oneshot, or one ExecStart=");
  const restart = one("Restart") ?? "no";
  if (restart !== "no" && restart !== "always" && restart !== "on-failure")
    return refuseUnit(unit, `Restart=${restart} needs systemd`, "write Restart=no, on-failure or always");
  if (type.value === "oneshot" && restart === "always")
    return refuseUnit(unit, "Type=oneshot cannot have Restart=always", "write Restart=on-failure");
  const times = readTimes(document);
  if (!times.ok) return times;
  const success = readSuccess(unit, valuesOf(document, "Service", "SuccessExitStatus"));
  if (!success.ok) return success;
  const environment = readEnvironment(unit, document, machine);
  if (!environment.ok) return environment;
  const paths = (key: string) => readPaths(unit, valuesOf(document, "Service", key), machine);
  const files = paths("EnvironmentFile");
  if (!files.ok) return files;
  const directory = paths("WorkingDirectory");
  if (!directory.ok) return directory;
  const killSignal = one("KillSignal") ?? "SIGTERM";
  if (!/^SIG(TERM|INT|QUIT|HUP|KILL|USR1|USR2)$/.test(killSignal))
    return refuseUnit(unit, `KillSignal=${killSignal} is not known here`, "write KillSignal=SIGTERM");
  return succeed({
    type: type.value === "notify" ? "exec" : type.value,
    notifies: type.value === "notify",
    ...commands.value,
    environment: environment.value,
    environmentFiles: files.value,
    workingDirectory: directory.value.at(-1) ?? null,
    restart,
    remainAfterExit: YES.has(one("RemainAfterExit") ?? "no"),
    killSignal: killSignal as NodeJS.Signals,
    success: success.value,
    ...times.value,
  });
}

function readType(
  unit: UnitName,
  value: string | null,
  start: readonly Command[],
): Result<"simple" | "exec" | "oneshot" | "notify"> {
  switch (value) {
    case null:
    case "simple":
    case "exec":
    case "oneshot":
      return succeed(value ?? "simple");
    case "notify":
      if (start[0]?.words[0] === OWN_PROGRAM) return succeed("notify");
      break;
    default:
  }
  return refuseUnit(unit, `Type=${value} needs systemd`, "write Type=simple, Type=exec or Type=oneshot");
}

type Commands = Pick<Service, "before" | "start" | "stop">;

function readCommands(unit: UnitName, document: UnitDocument, machine: MachineNames): Result<Commands> {
  const found: Record<keyof Commands, readonly Command[]> = { before: [], start: [], stop: [] };
  for (const [part, key] of [
    ["before", "ExecStartPre"],
    ["start", "ExecStart"],
    ["stop", "ExecStop"],
  ] as const) {
    const commands: Command[] = [];
    for (const line of valuesOf(document, "Service", key)) {
      const command = readCommand(unit, line, machine);
      if (!command.ok) return command;
      commands.push(command.value);
    }
    found[part] = commands;
  }
  return succeed(found);
}

function readTimes(document: UnitDocument): Result<Pick<Service, "restartMs" | "startMs" | "stopMs" | "startLimit">> {
  const span = (section: string, key: string, fallback: number | null): Result<number | null> => {
    const value = valueOf(document, section, key);
    if (value === null) return succeed(fallback);
    if (value === "infinity") return succeed(null);
    const seconds = parseTimeSpan(value);
    return seconds.ok ? succeed(seconds.value * 1000) : seconds;
  };
  const both = span("Service", "TimeoutSec", DEFAULT_TIMEOUT_MS);
  if (!both.ok) return both;
  const start = span("Service", "TimeoutStartSec", both.value);
  const stop = span("Service", "TimeoutStopSec", both.value);
  const restart = span("Service", "RestartSec", 100);
  const interval = span("Unit", "StartLimitIntervalSec", 10_000);
  for (const part of [start, stop, restart, interval]) if (!part.ok) return part;
  if (!start.ok || !stop.ok || !restart.ok || !interval.ok) return both as never;
  const burst = Number(valueOf(document, "Unit", "StartLimitBurst") ?? "5");
  return succeed({
    // 0 means no limit for these two. @see systemd.service(5)
    startMs: start.value === 0 ? null : start.value,
    stopMs: stop.value === 0 ? null : stop.value,
    restartMs: restart.value ?? 0,
    startLimit: { intervalMs: interval.value ?? 0, burst: interval.value === 0 || !(burst >= 0) ? 0 : burst },
  });
}

function readEnvironment(unit: UnitName, document: UnitDocument, machine: MachineNames): Result<readonly string[]> {
  const all: string[] = [];
  for (const line of valuesOf(document, "Service", "Environment")) {
    const words = parseWords(line);
    if (!words.ok) return words;
    for (const word of words.value) {
      const expanded = expandWord(word, unit, machine);
      if (!expanded.ok) return expanded;
      if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(expanded.value))
        return refuseUnit(
          unit,
          `Environment=${JSON.stringify(word)} is no assignment`,
          'write Environment="NAME=value"',
        );
      all.push(expanded.value);
    }
  }
  return succeed(all);
}

function readPaths(
  unit: UnitName,
  values: readonly string[],
  machine: MachineNames,
): Result<readonly { readonly path: string; readonly mayMiss: boolean }[]> {
  const paths: { readonly path: string; readonly mayMiss: boolean }[] = [];
  for (const value of values) {
    const mayMiss = value.startsWith("-");
    const path = expandWord(mayMiss ? value.slice(1) : value, unit, machine);
    if (!path.ok) return path;
    if (!path.value.startsWith("/"))
      return refuseUnit(unit, `${JSON.stringify(value)} is not an absolute path`, "begin the path with /");
    paths.push({ path: path.value, mayMiss });
  }
  return succeed(paths);
}
