import { succeed, type Result, type ScheduleEntry, type UnitIdentity, type UnitName } from "@quarterdeck/model";
import {
  assignmentsIn,
  HEALTH_TIMING,
  parseDeploySpec,
  parseHealthCheck,
  parseUnitFile,
  renderDropIn,
  stopStepSeconds,
} from "@quarterdeck/units";
import { FENCE_UNIT } from "./fence/fence-files.ts";
import type { TimedCheck } from "./health/health-monitor.ts";
import { identityFiles } from "./identity-files.ts";
import type { Fence } from "./ports.ts";

/** The check that a unit's own text asks for; `null` when it asks for none or cannot be read. Unreadable text is systemd's to refuse. */
export function healthCheckOf(unit: UnitName, text: string): TimedCheck | null {
  const document = parseUnitFile(text);
  if (!document.ok) return null;
  const spec = parseDeploySpec(document.value, unit);
  if (!spec.ok || spec.value === null || spec.value.healthCheck === null) return null;
  const check = parseHealthCheck(spec.value.healthCheck);
  return check.ok ? { check: check.value, timing: spec.value.healthTiming ?? HEALTH_TIMING } : null;
}

/** What a drop-in is made from besides its entry. */
export type DropInParts = {
  /** The unit's own; `null` while it is not at hand. */
  readonly text: string | null;
  readonly fence: Pick<Fence, "stopSeconds"> | null;
  /** Where the machine's certificates are; `null` where units are handed none. */
  readonly pki: string | null;
};

/** The text of the drop-in that carries the environment and the identity, and that binds a singleton to its fence; `null` when there is nothing to carry. */
export function dropInOf(entry: ScheduleEntry, { text, fence, pki }: DropInParts): Result<string | null> {
  const fenced = entry.singleton === true && fence !== null ? renderFenced(text ?? "", fence.stopSeconds) : "";
  const credentials = entry.identity === undefined || pki === null ? "" : renderCredentials(entry.identity, pki);
  if (Object.keys(entry.environment).length === 0 && fenced === "" && credentials === "") return succeed(null);
  const environment = renderDropIn(entry.environment);
  return environment.ok ? succeed(`${fenced}${credentials}${environment.value}`) : environment;
}

/** systemd reads the files as root and shows copies to this unit alone. @see systemd.exec(5) "LoadCredential=" */
function renderCredentials(identity: UnitIdentity, pki: string): string {
  const lines = identityFiles(identity, pki).map(
    ({ id, path }) => `LoadCredential=${id}:${path.replaceAll("%", "%%")}`,
  );
  return `[Service]\n${lines.join("\n")}\n\n`;
}

/** `BindsTo=` with `After=`: systemd lets it run only while the fence is active, and stops it when that ends, whoever is dead by then. */
function renderFenced(text: string, seconds: number): string {
  const document = parseUnitFile(text);
  const stepSeconds = document.ok ? stopStepSeconds(document.value, seconds) : seconds;
  return `[Unit]\nBindsTo=${FENCE_UNIT}\nAfter=${FENCE_UNIT}\n\n[Service]\nTimeoutStopSec=${stepSeconds}s\nSendSIGKILL=yes\n`;
}

/** What the text's `[Install]` says, for comparing; `null` when it says nothing. Unreadable text is systemd's to refuse. */
export function installOf(text: string): string | null {
  const document = parseUnitFile(text);
  if (!document.ok) return null;
  const said = assignmentsIn(document.value, "Install").map(({ key, value }) => `${key}=${value}`);
  return said.length === 0 ? null : said.join("\n");
}
