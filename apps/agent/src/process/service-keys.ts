/** Keys of `[Service]` that the process manager carries out. */
export const WORKING_KEYS: ReadonlySet<string> = new Set([
  "Type",
  "ExecStartPre",
  "ExecStart",
  "ExecStop",
  "Environment",
  "EnvironmentFile",
  "WorkingDirectory",
  "Restart",
  "RestartSec",
  "RemainAfterExit",
  "TimeoutSec",
  "TimeoutStartSec",
  "TimeoutStopSec",
  "SuccessExitStatus",
  "KillSignal",
]);

/**
 * Keys that only limit or protect, or tune what is not there: a program that runs with them does the same without. They are not
 * enforced, which is what the lab's banner says.
 */
const LIMITING =
  /^(Memory|CPU|IO|Tasks|Limit|Protect|Private(Tmp|Devices|Users)|Restrict|Capability|SystemCall|OOM|Lock|NoExec|Nice$|NoNewPrivileges$|Delegate$|Slice$|ReadOnlyPaths$|InaccessiblePaths$|ReadWritePaths$|RemoveIPC$|WatchdogSec$|Syslog|LogRateLimit|SecureBits$|NotifyAccess$|ExecReload$|TimeoutAbortSec$|CoredumpReceive$|SELinux|AppArmor)/;

/** Values that are what happens anyway, by key. */
const AS_IT_IS: ReadonlyMap<string, readonly string[]> = new Map([
  ["KillMode", ["control-group"]],
  ["StandardInput", ["null"]],
  ["StandardOutput", ["journal", "inherit"]],
  ["StandardError", ["journal", "inherit"]],
  ["PrivateNetwork", ["no", "false", "0", "off"]],
  ["DynamicUser", ["no", "false", "0", "off"]],
  ["SendSIGKILL", ["yes", "true", "1", "on"]],
]);

/** Keys of `[Unit]` that change nothing for a unit by itself. `Wants` is a wish, and orders order what is not started together. */
const UNIT_KEYS: ReadonlySet<string> = new Set([
  "Description",
  "Documentation",
  "After",
  "Before",
  "Wants",
  "DefaultDependencies",
  "CollectMode",
  "SourcePath",
  "StartLimitIntervalSec",
  "StartLimitBurst",
]);

/** Whether an assignment can be honoured, or left out without changing what the program does. */
export function isHonoured({ section, key, value }: { section: string; key: string; value: string }): boolean {
  if (value === "") return true;
  if (section === "Unit") return UNIT_KEYS.has(key);
  if (section !== "Service") return true;
  return WORKING_KEYS.has(key) || LIMITING.test(key) || (AS_IT_IS.get(key)?.includes(value) ?? false);
}
