export { matchesPattern } from "./check-fleet-rules.ts";
export { stopStepSeconds } from "./check-singleton.ts";
export { checkUnit, type CheckedUnit } from "./check-unit.ts";
export { expandForMachine, expandSpecifiers, type MachineNames } from "./expand-specifiers.ts";
export { FLEET_DEFAULTS } from "./fleet-defaults.ts";
export { FLEET_KEYS } from "./fleet-keys.ts";
export { type Finding } from "./finding.ts";
export { matchGlob, parseGlob, type Glob } from "./glob.ts";
export { instanceText } from "./instance-text.ts";
export { DEPLOY_KEYS, parseDeploySpec } from "./parse-deploy-spec.ts";
export { parseFleetOptions, type FleetOptions, type MetadataRule, type Reschedule } from "./parse-fleet-options.ts";
export { parseHealthCheck, type HealthCheck } from "./parse-health-check.ts";
export { HEALTH_TIMING, hurriedSeconds } from "./parse-health-timing.ts";
export { imageByDigest, imageByTag, parseImage, type ImageRepository } from "./parse-image.ts";
export { parseTimeSpan } from "./parse-time-span.ts";
export { parseUnitFile } from "./parse-unit-file.ts";
export { parseVersion, type ImageTag } from "./parse-version.ts";
export { parseWords, type EscapeMode } from "./parse-words.ts";
export { renderDropIn } from "./render-drop-in.ts";
export {
  assignmentsIn,
  assignmentsOf,
  renderUnitFile,
  sectionsOf,
  valueOf,
  valuesOf,
  type Assignment,
  type UnitDocument,
  type UnitItem,
} from "./unit-document.ts";
export { areWritable, parseUnitOptions, renderUnitOptions, type UnitOption } from "./unit-options.ts";
export { verifyUnit } from "./verify-unit.ts";
