import { refuse, succeed, type Result, type UnitName } from "@quarterdeck/model";
import {
  assignmentsIn,
  HEALTH_TIMING,
  parseDeploySpec,
  parseHealthCheck,
  parseUnitFile,
  renderDropIn,
} from "@quarterdeck/units";
import type { TimedCheck } from "./health/health-monitor.ts";

/** The check that a unit's own text asks for; `null` when it asks for none or cannot be read. Unreadable text is systemd's to refuse. */
export function healthCheckOf(unit: UnitName, text: string): TimedCheck | null {
  const document = parseUnitFile(text);
  if (!document.ok) return null;
  const spec = parseDeploySpec(document.value, unit);
  if (!spec.ok || spec.value === null || spec.value.healthCheck === null) return null;
  const check = parseHealthCheck(spec.value.healthCheck);
  return check.ok ? { check: check.value, timing: spec.value.healthTiming ?? HEALTH_TIMING } : null;
}

/** The text of the drop-in that carries the environment; `null` when there is none to carry. */
export function dropInOf(environment: Readonly<Record<string, string>>): Result<string | null> {
  if (Object.keys(environment).length === 0) return succeed(null);
  const rendered = renderDropIn(environment);
  return rendered.ok ? succeed(rendered.value) : refuse(rendered.error);
}

/** What the text's `[Install]` says, for comparing; `null` when it says nothing. Unreadable text is systemd's to refuse. */
export function installOf(text: string): string | null {
  const document = parseUnitFile(text);
  if (!document.ok) return null;
  const said = assignmentsIn(document.value, "Install").map(({ key, value }) => `${key}=${value}`);
  return said.length === 0 ? null : said.join("\n");
}
