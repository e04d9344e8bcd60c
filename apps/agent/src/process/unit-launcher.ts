import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { CodedError, type UnitName } from "@quarterdeck/model";
import { parseEnvironmentFile } from "./environment-file.ts";
import type { Exit } from "./exit-rule.ts";
import { expandVariables } from "./expand-variables.ts";
import { baseEnvironment, findProgram, resolvePath, type MachinePlace } from "./machine-place.ts";
import { isAlive, startTicksOf, type ProcessIdentity } from "./process-table.ts";
import type { Command } from "./read-command.ts";
import type { Service } from "./read-service.ts";
import type { UnitJournal } from "./unit-journal.ts";

/** A process of a unit; `ended` resolves when it is gone. */
export type Launched = { readonly identity: ProcessIdentity; readonly ended: Promise<Exit> };

export type Launch = {
  readonly unit: UnitName;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
};

const WATCH_MS = 250;

/** In the environment of all processes of one run of a unit. */
export const INVOCATION = "INVOCATION_ID";

/** Starts processes of units, each the leader of a group of its own, so that a signal reaches all of it. */
export class UnitLauncher {
  readonly #place: MachinePlace;
  readonly #journal: UnitJournal;

  constructor(place: MachinePlace, journal: UnitJournal) {
    this.#place = place;
    this.#journal = journal;
  }

  /** What all processes of one run share. @throws {CodedError} SYSTEMD_REFUSED when a file or program that it names is not there */
  async prepare(unit: UnitName, service: Service, invocationId: string): Promise<Launch> {
    for (const { words, ignoreFailure } of [...service.before, ...service.start]) {
      if (!ignoreFailure && findProgram(this.#place, words[0] ?? "") === null)
        throw refused(
          unit,
          `there is no program ${words[0]} on this computer`,
          "install it, or run the unit elsewhere",
        );
    }
    const environment: Record<string, string> = { ...baseEnvironment(this.#place) };
    for (const assignment of service.environment) {
      const at = assignment.indexOf("=");
      environment[assignment.slice(0, at)] = assignment.slice(at + 1);
    }
    for (const { path, mayMiss } of service.environmentFiles) {
      const text = await readFile(resolvePath(this.#place, path), "utf8").catch(() => null);
      if (text !== null) Object.assign(environment, parseEnvironmentFile(text));
      else if (!mayMiss)
        throw refused(unit, `EnvironmentFile=${path} cannot be read`, `make it, or write EnvironmentFile=-${path}`);
    }
    // Last, so that no unit can leave its machine or hide from a stop by setting them itself.
    Object.assign(environment, this.#place.environment, { [INVOCATION]: invocationId });
    const wanted = service.workingDirectory;
    const directory = wanted === null ? this.#place.root : resolvePath(this.#place, wanted.path);
    return { unit, environment, directory };
  }

  /** Resolves once the program runs. @throws {CodedError} FAILED when it cannot be started */
  async launch({ unit, environment, directory }: Launch, command: Command): Promise<Launched> {
    const [program = "", ...words] = command.words;
    const found = findProgram(this.#place, program) ?? program;
    const args = command.expandVariables ? expandVariables(words, environment) : words;
    const output = await this.#journal.openOutput(unit);
    try {
      const child = spawn(found, args, {
        cwd: directory,
        env: environment,
        stdio: ["ignore", output.fd, output.fd],
        detached: true,
      });
      const ended = new Promise<Exit>((resolve) => {
        child.once("exit", (code, signal) =>
          resolve(signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "killed", signal }),
        );
      });
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
      // The agent ends without waiting for units, which go on without it.
      child.unref();
      const pid = child.pid ?? 0;
      this.#journal.speaks(unit, { identifier: basename(program), pid });
      return { identity: { pid, startTicks: (await startTicksOf(pid)) ?? "" }, ended };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CodedError("FAILED", { message: `${unit}: ${program} does not start: ${why}` }, { cause });
    } finally {
      await output.close();
    }
  }
}

/** A process that an earlier agent started: that it ended can be seen, how it did cannot. Resolves never when `signal` aborts first. */
export function adopt(identity: ProcessIdentity, signal: AbortSignal): Launched {
  const ended = new Promise<Exit>((resolve) => {
    const timer = setInterval(() => {
      void isAlive(identity).then((alive) => {
        if (alive) return;
        clearInterval(timer);
        resolve({ kind: "unknown" });
      });
    }, WATCH_MS);
    timer.unref();
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  });
  return { identity, ended };
}

function refused(unit: UnitName, what: string, rule: string): CodedError {
  return new CodedError("SYSTEMD_REFUSED", { message: `${unit}: ${what}`, try: rule });
}
