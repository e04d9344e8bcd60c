import { constants } from "node:os";
import { succeed, type Result, type UnitName } from "@quarterdeck/model";
import { refuseUnit } from "./refuse-unit.ts";

/** How a process ended; `unknown` when it was not our child any more, because the agent had been restarted meanwhile. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "unknown" };

/** Exit codes and signals that count as success besides 0. */
export type ExitRule = { readonly codes: ReadonlySet<number>; readonly signals: ReadonlySet<string> };

/** What a service may die of and still have ended well. @see systemd.service(5) "SuccessExitStatus=" */
const CLEAN_SIGNALS = new Set(["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"]);

/** Reads `SuccessExitStatus=`: numbers and names of signals. */
export function readSuccess(unit: UnitName, values: readonly string[]): Result<ExitRule> {
  const codes = new Set<number>();
  const signals = new Set<string>();
  for (const word of values.flatMap((value) => value.split(/\s+/)).filter((value) => value !== "")) {
    if (/^\d{1,3}$/.test(word) && Number(word) < 256) codes.add(Number(word));
    else if (Object.hasOwn(constants.signals, word)) signals.add(word);
    else
      return refuseUnit(
        unit,
        `SuccessExitStatus=${word} is neither a number below 256 nor a signal`,
        "write for example SuccessExitStatus=143 SIGKILL",
      );
  }
  return succeed({ codes, signals });
}

/** Whether it ended well. `daemon`: being told to end is a good end too. An unknown end counts as a failure, so that on-failure restarts it. */
export function isClean(exit: Exit, rule: ExitRule, daemon: boolean): boolean {
  switch (exit.kind) {
    case "exited":
      return exit.code === 0 || rule.codes.has(exit.code);
    case "killed":
      return rule.signals.has(exit.signal) || (daemon && CLEAN_SIGNALS.has(exit.signal));
    case "unknown":
      return false;
  }
}

/** systemd's Result for an end that was not clean. */
export function resultOf(exit: Exit): "exit-code" | "signal" {
  return exit.kind === "killed" ? "signal" : "exit-code";
}

/** For the journal. */
export function describeExit(exit: Exit): string {
  switch (exit.kind) {
    case "exited":
      return `code=exited, status=${exit.code}`;
    case "killed":
      return `code=killed, signal=${exit.signal}`;
    case "unknown":
      return "how is not known: it outlived the agent that started it";
  }
}
