import {
  isTemplate,
  refuse,
  splitUnitName,
  succeed,
  templateOf,
  type DeploySpec,
  type Problem,
  type Result,
  type UnitName,
} from "@quarterdeck/model";
import { checkSingleton } from "./check-singleton.ts";
import type { Finding } from "./finding.ts";
import { findRefusals } from "./mistakes/find-refusals.ts";
import { hasSuccessAction } from "./mistakes/has-success-action.ts";
import { parseDeploySpec } from "./parse-deploy-spec.ts";
import { parseFleetOptions, type FleetOptions } from "./parse-fleet-options.ts";
import { parseTruth } from "./parse-truth.ts";
import { parseUnitFile } from "./parse-unit-file.ts";
import { assignmentsOf, valueOf, valuesOf, type UnitDocument } from "./unit-document.ts";
import { faultIn, unitFault } from "./unit-fault.ts";
import { warnUnit } from "./warn-unit.ts";

export type CheckedUnit = {
  readonly document: UnitDocument;
  readonly fleet: FleetOptions;
  /** `null` when the unit is not the template of a service. */
  readonly deploy: DeploySpec | null;
  readonly warnings: readonly Finding[];
};

/** The types whose templates fleet accepted. */
const TEMPLATE_SUFFIXES = [".service", ".socket", ".timer", ".target", ".path"];
/** What etcd is asked to keep of one unit; see model/unit.ts. */
const MOST_CHARACTERS = 262_144;

/**
 * Everything that is checked when a unit is submitted: Quarterdeck's own rules, then what systemd would not start for certain. A problem's
 * message begins with the unit's name, then line and column.
 */
export function checkUnit(name: UnitName, text: string): Result<CheckedUnit> {
  const checked = checkRules(name, text);
  if (!checked.ok || !isService(name)) return checked;
  const refusal = findRefusals(checked.value.document).find(({ severity }) => severity === "error");
  if (refusal === undefined) return checked;
  const { line, column } = refusal;
  const at = line === null || column === null ? null : { line, column };
  return refuse(faultIn(name, unitFault(refusal.message, refusal.try, at)));
}

/** Quarterdeck's own rules alone. */
export function checkRules(name: UnitName, text: string): Result<CheckedUnit> {
  const checked = checkText(name, text);
  return checked.ok ? checked : refuse(faultIn(name, checked.error));
}

function checkText(name: UnitName, text: string): Result<CheckedUnit> {
  if (text.length > MOST_CHARACTERS)
    return refuse(
      unitFault(`${text.length} characters are more than ${MOST_CHARACTERS}`, "move large data out of the unit file"),
    );
  const misnamed = checkName(name);
  if (misnamed !== null) return refuse(misnamed);
  const document = parseUnitFile(text);
  if (!document.ok) return document;
  const fleet = parseFleetOptions(document.value, name);
  if (!fleet.ok) return fleet;
  const deploy = parseDeploySpec(document.value, name);
  if (!deploy.ok) return deploy;
  const template = templateOf(name);
  if (deploy.value !== null && template !== null) {
    return refuse(
      unitFault("[X-Deploy] belongs in the template; its instances are made by deploys", `fleet submit ${template}`),
    );
  }
  if (deploy.value !== null && fleet.value.global)
    return refuse(
      unitFault("[X-Deploy] counts its replicas; Global=true cannot stand beside it", "remove Global= or [X-Deploy]"),
    );
  const job = fleet.value.runOnce ? checkJob(name, document.value) : null;
  if (job !== null) return refuse(job);
  const shared = fleet.value.singleton ? checkSingleton(name, document.value) : null;
  if (shared !== null) return refuse(shared);
  if (fleet.value.identity !== null && !isService(name))
    return refuse(
      unitFault(
        `Identity=${fleet.value.identity} is for services: no other unit is handed credentials`,
        "say it in the service that this unit starts",
        assignmentsOf(document.value, "X-Fleet", "Identity").at(-1),
      ),
    );
  const empty = checkContent(name, document.value);
  if (empty !== null) return refuse(empty);
  return succeed({
    document: document.value,
    fleet: fleet.value,
    deploy: deploy.value,
    warnings: warnUnit(document.value, name),
  });
}

function checkName(name: UnitName): Problem | null {
  const { suffix } = splitUnitName(name);
  if (!isTemplate(name) || TEMPLATE_SUFFIXES.includes(suffix)) return null;
  return unitFault(`a ${suffix} unit cannot be a template`, `templates are ${TEMPLATE_SUFFIXES.join(" ")}`);
}

/** Only a oneshot service says by how it ends whether its job is done: the others also end well when they are stopped. */
function checkJob(name: UnitName, document: UnitDocument): Problem | null {
  if (!isService(name) || valueOf(document, "Service", "Type") !== "oneshot")
    return unitFault("RunOnce=true is for services that end: it wants Type=oneshot in [Service]", "Type=oneshot");
  const remains = parseTruth(valueOf(document, "Service", "RemainAfterExit") ?? "no");
  if (remains.ok && !remains.value) return null;
  return unitFault("with RemainAfterExit= a RunOnce=true unit would never end", "remove RemainAfterExit=");
}

/** What systemd refuses to load at all; found here, it costs a second instead of a rollout. */
function checkContent(name: UnitName, document: UnitDocument): Problem | null {
  if (!document.items.some((item) => item.kind === "assignment"))
    return unitFault("an empty unit file", "[Service] and ExecStart=/path/to/program");
  if (!isService(name)) return null;
  const starts = ["ExecStart", "ExecStop"].some((key) => valuesOf(document, "Service", key).length > 0);
  if (starts || hasSuccessAction(document)) return null;
  return unitFault("a service without ExecStart= in [Service]", "ExecStart=/path/to/program");
}

function isService(name: UnitName): boolean {
  return splitUnitName(name).suffix === ".service";
}
