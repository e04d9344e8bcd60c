import { problemOf } from "@quarterdeck/model";
import { describeExit, isClean, resultOf, type Exit, type ExitRule } from "./exit-rule.ts";
import { killUnit } from "./kill-unit.ts";
import type { Command } from "./read-command.ts";
import type { UnitJournal } from "./unit-journal.ts";
import { INVOCATION, type Launch, type Launched, type UnitLauncher } from "./unit-launcher.ts";

/** Under what commands run; `limitMs` is each one's, `null` is no limit. */
export type CommandRun = {
  readonly launch: Launch;
  readonly success: ExitRule;
  readonly limitMs: number | null;
  readonly canceled: AbortSignal;
};

const GRACE_MS = 1000;

/** Runs the commands of a service that come to an end: before and at its start, and at its stop. */
export class CommandRunner {
  readonly #launcher: UnitLauncher;
  readonly #journal: UnitJournal;

  constructor(launcher: UnitLauncher, journal: UnitJournal) {
    this.#launcher = launcher;
    this.#journal = journal;
  }

  /** One after the other. Resolves to systemd's Result of the first that failed and may not, or `null`; canceled is no failure. */
  async runAll(commands: readonly Command[], run: CommandRun): Promise<string | null> {
    for (const command of commands) {
      const exit = run.canceled.aborted ? "canceled" : await this.#run(command, run);
      if (run.canceled.aborted || exit === "canceled") return null;
      if (exit === "timeout") return "timeout";
      if (exit !== "absent" && isClean(exit, run.success, false)) continue;
      if (command.ignoreFailure) continue;
      if (exit === "absent") return "exit-code";
      await this.#journal.note(run.launch.unit, `${command.words[0]}: ${describeExit(exit)}`, 4);
      return resultOf(exit);
    }
    return null;
  }

  /** Each of them, whatever becomes of the others. */
  async runEach(commands: readonly Command[], run: CommandRun): Promise<void> {
    for (const command of commands) await this.#run(command, run);
  }

  async #run(command: Command, run: CommandRun): Promise<Exit | "absent" | "canceled" | "timeout"> {
    const { launch, limitMs, canceled } = run;
    let launched: Launched;
    try {
      launched = await this.#launcher.launch(launch, command);
    } catch (error) {
      await this.#journal.note(launch.unit, problemOf(error).message, command.ignoreFailure ? 6 : 3);
      return "absent";
    }
    const { promise: over, resolve } = Promise.withResolvers<"canceled" | "timeout">();
    const cancel = (): void => resolve("canceled");
    const timer = limitMs === null ? null : setTimeout(() => resolve("timeout"), limitMs).unref();
    canceled.addEventListener("abort", cancel, { once: true });
    if (canceled.aborted) cancel();
    const end = await Promise.race([launched.ended, over]);
    canceled.removeEventListener("abort", cancel);
    if (timer !== null) clearTimeout(timer);
    const group = { pid: launched.identity.pid, invocationId: launch.environment[INVOCATION] ?? "" };
    if (end === "canceled" || end === "timeout") await killUnit(group, "SIGTERM", GRACE_MS);
    return end;
  }
}
