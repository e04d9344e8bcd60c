import { succeed, type Result, type ScheduleEntry, type UnitName } from "@quarterdeck/model";
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
};

/** The text of the drop-in that carries the environment, and that binds a singleton to its fence; `null` when there is nothing to carry. */
export function dropInOf(entry: ScheduleEntry, { text, fence }: DropInParts): Result<string | null> {
  const singleton = entry.singleton === true && fence !== null;
  if (Object.keys(entry.environment).length === 0 && !singleton) return succeed(null);
  const environment = renderDropIn(entry.environment);
  if (!environment.ok || !singleton) return environment;
  return succeed(`${renderFenced(text ?? "", fence.stopSeconds)}${environment.value}`);
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
