import {
  isTemplate,
  nearest,
  refuse,
  splitUnitName,
  succeed,
  type DeploySpec,
  type Problem,
  type Result,
  type UnitName,
} from "@quarterdeck/model";
import { expandSpecifiers } from "./expand-specifiers.ts";
import { parseCount } from "./parse-count.ts";
import { parseHealthCheck } from "./parse-health-check.ts";
import { HEALTH_TIMING_KEYS, hurriedSeconds, parseHealthTiming } from "./parse-health-timing.ts";
import { parseImage } from "./parse-image.ts";
import { parseTimeSpan } from "./parse-time-span.ts";
import { parseTruth } from "./parse-truth.ts";
import { assignmentsIn, assignmentsOf, sectionsOf, type Assignment, type UnitDocument } from "./unit-document.ts";
import { faultIn, unitFault } from "./unit-fault.ts";

export const DEPLOY_SECTION = "X-Deploy";

/** Of `[X-Deploy]`; docs/units.md describes each. */
export const DEPLOY_KEYS = [
  "Image",
  "Replicas",
  "HealthCheck",
  ...HEALTH_TIMING_KEYS,
  "MaxParallel",
  "Canary",
  "MinHealthySec",
  "HealthyDeadlineSec",
  "ProgressDeadlineSec",
  "AutoRevert",
] as const;
type DeployKey = (typeof DEPLOY_KEYS)[number];

/**
 * Reads `[X-Deploy]`; `null` when the file has no such section. `name` is the template or one of its instances: specifiers in
 * `HealthCheck=` are expanded for an instance and left as they are for the template.
 */
export function parseDeploySpec(document: UnitDocument, name: UnitName): Result<DeploySpec | null> {
  if (!sectionsOf(document).includes(DEPLOY_SECTION)) return succeed(null);
  const misplaced = checkPlace(document, name);
  if (misplaced !== null) return refuse(misplaced);
  const read = reader(document);

  const image = read("Image", null, parseImage);
  if (!image.ok) return image;
  if (image.value === null)
    return refuse(unitFault("[X-Deploy] has no Image=", "Image=ghcr.io/acme/web", headerOf(document)));
  const healthCheck = read("HealthCheck", null, (text) => checkHealth(text, name));
  if (!healthCheck.ok) return healthCheck;
  const said = HEALTH_TIMING_KEYS.flatMap((key) => assignmentsOf(document, DEPLOY_SECTION, key)).at(0);
  if (said !== undefined && healthCheck.value === null)
    return refuse(
      unitFault(`${said.key}= is about a check, and there is no HealthCheck=`, "HealthCheck=systemd", said),
    );
  const timing = parseHealthTiming(read);
  if (!timing.ok) return timing;
  const replicas = read("Replicas", 1, (text) => parseCount(text, 1, 1000));
  if (!replicas.ok) return replicas;
  const maxParallel = read("MaxParallel", 1, (text) => parseCount(text, 1, 1000));
  if (!maxParallel.ok) return maxParallel;
  const canary = read("Canary", 0, (text) => parseCount(text, 0, 1000));
  if (!canary.ok) return canary;
  const minHealthy = read("MinHealthySec", 10, parseTimeSpan);
  if (!minHealthy.ok) return minHealthy;
  const healthyDeadline = read("HealthyDeadlineSec", 30, parsePositiveSpan);
  if (!healthyDeadline.ok) return healthyDeadline;
  const progressDeadline = read("ProgressDeadlineSec", 600, parsePositiveSpan);
  if (!progressDeadline.ok) return progressDeadline;
  const autoRevert = read("AutoRevert", false, parseTruth);
  if (!autoRevert.ok) return autoRevert;

  if (canary.value > replicas.value)
    return refuse(
      unitFault(
        `Canary=${canary.value} is more than Replicas=${replicas.value}`,
        `Canary=${replicas.value}`,
        headerOf(document),
      ),
    );
  const soonest = (timing.value.healthyThreshold - 1) * hurriedSeconds(timing.value);
  if (said !== undefined && soonest >= healthyDeadline.value)
    return refuse(
      unitFault(
        `${timing.value.healthyThreshold} good answers take ${soonest} s at least, and HealthyDeadlineSec= is ${healthyDeadline.value} s`,
        `HealthyDeadlineSec=${Math.ceil(soonest * 2)}s`,
        said,
      ),
    );
  return succeed({
    image: image.value.name,
    replicas: replicas.value,
    healthCheck: healthCheck.value,
    ...(said === undefined ? {} : { healthTiming: timing.value }),
    maxParallel: maxParallel.value,
    canary: canary.value,
    minHealthySeconds: minHealthy.value,
    healthyDeadlineSeconds: healthyDeadline.value,
    progressDeadlineSeconds: progressDeadline.value,
    autoRevert: autoRevert.value,
  });
}

function checkPlace(document: UnitDocument, name: UnitName): Problem | null {
  const { instance, suffix } = splitUnitName(name);
  if (suffix !== ".service" || instance === null) {
    return unitFault(
      `[X-Deploy] belongs in a template of a service, and ${name} is none`,
      "name the file web@.service",
      headerOf(document),
    );
  }
  const unknown = assignmentsIn(document, DEPLOY_SECTION).find(
    ({ key }) => !DEPLOY_KEYS.some((known) => known === key),
  );
  if (unknown === undefined) return null;
  const close = nearest(unknown.key, DEPLOY_KEYS);
  return unitFault(
    `unknown key ${unknown.key} in [X-Deploy]`,
    close === null ? `known keys: ${DEPLOY_KEYS.join(", ")}` : `${close}=${unknown.value}`,
    unknown,
  );
}

/** The last word of a key counts; `otherwise` where there is none. */
export type DeployRead = <Value, Default extends Value | null>(
  key: DeployKey,
  otherwise: Default,
  parse: (text: string) => Result<Value>,
) => Result<Value | Default>;

function reader(document: UnitDocument): DeployRead {
  return (key, otherwise, parse) => {
    const assignment: Assignment | undefined = assignmentsOf(document, DEPLOY_SECTION, key).at(-1);
    if (assignment === undefined) return succeed(otherwise);
    const value = parse(assignment.value);
    return value.ok
      ? value
      : refuse(faultIn(assignment, { ...value.error, message: `${key}=: ${value.error.message}` }));
  };
}

function checkHealth(text: string, name: UnitName): Result<string> {
  const expanded = expandSpecifiers(text, name);
  if (!expanded.ok) return expanded;
  if (isTemplate(name) && expanded.value !== text) {
    // Only an instance has a number; 1 stands for it, so that the rest of the URL is checked now.
    const sample = expandSpecifiers(text, name.replace("@", "@1") as UnitName);
    if (!sample.ok) return sample;
    const parsed = parseHealthCheck(sample.value);
    return parsed.ok ? succeed(text) : parsed;
  }
  const parsed = parseHealthCheck(expanded.value);
  return parsed.ok ? succeed(expanded.value) : parsed;
}

function parsePositiveSpan(text: string): Result<number> {
  const span = parseTimeSpan(text);
  if (!span.ok || span.value > 0) return span;
  return refuse(unitFault("a deadline of no time at all", "30s"));
}

function headerOf(document: UnitDocument): { line: number; column: number } {
  const header = document.items.find((item) => item.kind === "section" && item.name === DEPLOY_SECTION);
  return { line: header?.kind === "section" ? header.line : 1, column: 1 };
}
