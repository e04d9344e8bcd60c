import type { z } from "zod";
import {
  machineIdSchema,
  serviceNameSchema,
  unitNameSchema,
  type MachineId,
  type ServiceName,
  type UnitName,
} from "./ids.ts";
import { refuse, succeed, type Result } from "./result.ts";

const UNIT_RULE =
  "a unit name is 1 to 256 of a-z A-Z 0-9 : _ . @ - and ends in .service, .socket, .timer, .target, .path, .mount or another systemd suffix";

/** Checks a unit name by fleet's rules; a bare word is not one. */
export function parseUnitName(text: string): Result<UnitName> {
  return parseWith(unitNameSchema, text, {
    what: "unit name",
    why: UNIT_RULE,
    hint: nameLike(text),
  });
}

/** `héllo.service` → `hello.service`. */
function nameLike(text: string): string {
  const plain = text.normalize("NFD").replace(/[^a-zA-Z0-9:_.@-]/g, "");
  return /^[^.].*\.(service|socket|timer|target|path|mount|automount|swap|device|slice|scope)$/.test(plain)
    ? plain
    : `${plain || "hello"}.service`;
}

export function parseServiceName(text: string): Result<ServiceName> {
  return parseWith(serviceNameSchema, text, {
    what: "service name",
    why: "a service name is the part before the @ of its template: 1 to 128 of a-z A-Z 0-9 : _ . -",
    hint: "fleet services",
  });
}

export function parseMachineId(text: string): Result<MachineId> {
  return parseWith(machineIdSchema, text, {
    what: "machine id",
    why: "a machine id is 32 lower-case hex digits",
    hint: "fleet list-machines --full",
  });
}

type Rule = { readonly what: string; readonly why: string; readonly hint: string };

function parseWith<Value>(schema: z.ZodType<Value>, text: string, rule: Rule): Result<Value> {
  const parsed = schema.safeParse(text);
  if (parsed.success) return succeed(parsed.data);
  return refuse({
    code: "INVALID_NAME",
    message: `${JSON.stringify(text)} is not a ${rule.what}`,
    why: rule.why,
    try: rule.hint,
  });
}

/** The parts of a unit name. `web@2.service` → prefix `web`, instance `2`; `web@.service` is a template: instance `""`. */
export type UnitNameParts = {
  readonly prefix: string;
  /** `null` when the name has no `@`; `""` for a template. */
  readonly instance: string | null;
  /** With the dot: `.service`. */
  readonly suffix: string;
};

export function splitUnitName(name: UnitName): UnitNameParts {
  const dot = name.lastIndexOf(".");
  const stem = name.slice(0, dot);
  const at = stem.indexOf("@");
  return at < 0
    ? { prefix: stem, instance: null, suffix: name.slice(dot) }
    : { prefix: stem.slice(0, at), instance: stem.slice(at + 1), suffix: name.slice(dot) };
}

export function isTemplate(name: UnitName): boolean {
  return splitUnitName(name).instance === "";
}

/** `web@2.service` → `web@.service`; `null` for what is not an instance. */
export function templateOf(name: UnitName): UnitName | null {
  const { prefix, instance, suffix } = splitUnitName(name);
  return instance === null || instance === "" ? null : (`${prefix}@${suffix}` as UnitName);
}

/** `web` and 2 → `web@2.service`. */
export function replicaName(service: ServiceName, index: number): UnitName {
  return `${service}@${index}.service` as UnitName;
}
