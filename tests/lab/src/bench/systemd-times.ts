import type { LabHandle } from "../create-lab-handle.ts";

/** By systemd, in milliseconds since the epoch: when it began to start a unit, and when that was active. */
export type SystemdTimes = { readonly startedAt: number; readonly activeAt: number };

/** Asks the machine's systemd about units that it runs. */
export async function readSystemdTimes(
  lab: LabHandle,
  machine: string,
  units: readonly string[],
): Promise<ReadonlyMap<string, SystemdTimes>> {
  const properties = ["-p", "Id", "-p", "InactiveExitTimestamp", "-p", "ActiveEnterTimestamp"];
  const ended = await lab.inside(machine, "systemctl", "show", "--timestamp=us+utc", ...properties, ...units);
  return parseSystemdTimes(ended.stdout);
}

/** From `systemctl show --timestamp=us+utc`, one paragraph a unit. */
export function parseSystemdTimes(text: string): ReadonlyMap<string, SystemdTimes> {
  const times = new Map<string, SystemdTimes>();
  for (const paragraph of text.split("\n\n")) {
    const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(paragraph)?.[1] ?? "";
    const startedAt = parseTimestamp(value("InactiveExitTimestamp"));
    const activeAt = parseTimestamp(value("ActiveEnterTimestamp"));
    if (value("Id") !== "" && startedAt !== null && activeAt !== null) times.set(value("Id"), { startedAt, activeAt });
  }
  return times;
}

/** `Sat 2026-11-28 22:25:24.123456 UTC`; null for a time that never was. */
function parseTimestamp(text: string): number | null {
  const [, date, time, micros] = /^\w+ (\S+) (\d\d:\d\d:\d\d)\.(\d{6}) UTC$/.exec(text) ?? [];
  return date === undefined ? null : Date.parse(`${date}T${time}Z`) + Number(micros) / 1000;
}
