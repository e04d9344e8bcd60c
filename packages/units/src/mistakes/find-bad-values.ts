import { nearest } from "@quarterdeck/model";
import { warning, type Finding } from "../finding.ts";
import { parseTimeSpan } from "../parse-time-span.ts";
import { parseTruth } from "../parse-truth.ts";
import type { Assignment, UnitDocument } from "../unit-document.ts";

/** What is wrong with a value, as the end of "systemd ignores this line: …", and what to type; `null` when systemd can read it. */
type Judge = (value: string) => { readonly why: string; readonly example: string } | null;

/** Only keys whose values have not been widened up to systemd 258: a false alarm would teach people to ignore the true ones. */
const TRUTHS = `
  DefaultDependencies StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate IgnoreOnIsolate RemainAfterExit GuessMainPID
  NonBlocking SendSIGKILL SendSIGHUP CPUAccounting MemoryAccounting TasksAccounting IOAccounting NoNewPrivileges DynamicUser
  PrivateDevices PrivateNetwork ProtectClock ProtectKernelModules ProtectKernelLogs RestrictRealtime RestrictSUIDSGID
  LockPersonality MemoryDenyWriteExecute`;
const SPANS = `
  RestartSec TimeoutSec TimeoutStartSec TimeoutStopSec TimeoutAbortSec RuntimeMaxSec WatchdogSec StartLimitIntervalSec JobTimeoutSec
  JobRunningTimeoutSec`;
const SIZES = "MemoryMin MemoryLow MemorySwapMax";
/** An empty value of these is a reset; of all others it is a value like any. */
const RESET_BY_NOTHING = new Set(["KillMode", "MemoryHigh", "MemoryMax", ...SIZES.split(" ")]);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  Restart: ["no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"],
  RestartMode: ["normal", "direct", "debug"],
  KillMode: ["control-group", "process", "mixed", "none"],
  NotifyAccess: ["none", "main", "exec", "all"],
  OOMPolicy: ["continue", "stop", "kill"],
};

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ...keyed(TRUTHS, (value) => (parseTruth(value).ok ? null : { why: "it is neither true nor false", example: "true" })),
  ...keyed(SPANS, (value) =>
    value === "infinity" || parseTimeSpan(value).ok ? null : { why: "it is no time span", example: "30s" },
  ),
  ...keyed(SIZES, (value) => (isSize(value) ? null : { why: "it is no amount of memory", example: "512M" })),
  ...keyed("MemoryHigh MemoryMax", (value) =>
    isSize(value) && !/^0+(?:\.0+)?[%BKMGTPE]?$/.test(value)
      ? null
      : { why: "it is no amount of memory that a service could run in", example: "512M" },
  ),
  ...Object.entries(CHOICES).map(([key, choices]) => [key, chosenFrom(choices)] as const),
]);

/**
 * Values that systemd cannot read: it ignores the line, tells its journal, and goes on as if the key had not been set; a `Restart=alwyas`
 * is then not restarted. @see systemd.syntax(7), systemd.time(7)
 */
export function findBadValues(document: UnitDocument): readonly Finding[] {
  return document.items.flatMap((item) => {
    if (item.kind !== "assignment" || !["Unit", "Service"].includes(item.section)) return [];
    return item.value === "" && RESET_BY_NOTHING.has(item.key) ? [] : judge(item);
  });
}

function judge(assignment: Assignment): readonly Finding[] {
  const { key, value } = assignment;
  const wrong = JUDGES.get(key)?.(value) ?? null;
  if (wrong === null) return [];
  const message = `systemd ignores ${key}=${value}: ${wrong.why}`;
  return [warning({ rule: "bad-value", message, try: `${key}=${wrong.example}` }, assignment)];
}

function isSize(value: string): boolean {
  return /^(?:infinity|\d+(?:\.\d+)?[%BKMGTPE]?)$/.test(value);
}

function chosenFrom(choices: readonly string[]): Judge {
  return (value) =>
    choices.includes(value)
      ? null
      : { why: `it is none of ${choices.join(", ")}`, example: nearest(value, choices) ?? choices[0] ?? "" };
}

function keyed(keys: string, judgeOf: Judge): readonly (readonly [string, Judge])[] {
  return keys
    .trim()
    .split(/\s+/)
    .map((key) => [key, judgeOf]);
}
