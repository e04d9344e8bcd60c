import type { UnitName } from "@quarterdeck/model";
import type { UnitProperties } from "../ports.ts";

/** What is known of a unit in the layout of `systemctl status`. `journal` are its newest lines, oldest first. */
export function renderStatus(unit: UnitName, properties: UnitProperties, journal: readonly string[]): string {
  const { load, active, sub, result, fragmentPath, mainPid, stateChangedAtMs } = properties;
  const since = stateChangedAtMs > 0 ? ` since ${new Date(stateChangedAtMs).toISOString()}` : "";
  const reason = result === "success" ? "" : ` (Result: ${result})`;
  const dot = active === "failed" ? "×" : active === "active" ? "●" : "○";
  return [
    `${dot} ${unit}`,
    `     Loaded: ${load}${fragmentPath === "" ? "" : ` (${fragmentPath})`}`,
    `     Active: ${active} (${sub})${reason}${since}`,
    ...(mainPid > 0 ? [`   Main PID: ${mainPid}`] : []),
    ...(journal.length > 0 ? ["", ...journal] : []),
  ].join("\n");
}
