import { ranges, type Snapshot } from "@quarterdeck/etcd";
import {
  isTemplate,
  nearest,
  splitUnitName,
  type Problem,
  type ServiceName,
  type Unit,
  type UnitName,
} from "@quarterdeck/model";

/** `NOT_FOUND` for a unit that the cluster does not know, with the name that was most likely meant. */
export function unknownUnit(view: Snapshot, name: UnitName): Problem {
  const names = view.list(ranges.units).map((entry) => entry.names[0] ?? "");
  const meant = nearest(
    name,
    names.filter((other) => !isTemplate(other as UnitName)),
  );
  return {
    code: "NOT_FOUND",
    message: `unit ${name} does not exist`,
    why: "no unit of that name was ever submitted, or it was destroyed",
    try: meant === null ? "fleet list-unit-files" : `did you mean ${meant}?  (fleet list-unit-files shows all)`,
  };
}

/** `NOT_FOUND` for a service, with the nearest name. */
export function unknownService(view: Snapshot, service: ServiceName): Problem {
  const names = view.list(ranges.services).map((entry) => entry.names[0] ?? "");
  const meant = nearest(service, names);
  return {
    code: "NOT_FOUND",
    message: `service ${service} does not exist`,
    why: "a service is a template unit with an [X-Deploy] section, and none of that name was submitted",
    try: meant !== null ? `did you mean ${meant}?  (fleet services shows all)` : `fleet submit ${service}@.service`,
  };
}

export function templateCannot(name: UnitName, verb: string): Problem {
  const { prefix, suffix } = splitUnitName(name);
  return {
    code: "USAGE",
    message: `${name} is a template and cannot be ${verb}`,
    why: "a template is text for its instances; only an instance runs",
    try: `name an instance, such as ${prefix}@1${suffix}`,
  };
}

/** `ENGINE_OWNED`: a replica is made, changed and removed with its service, never by hand. */
export function ownedByService(name: UnitName, service: ServiceName, verb: string): Problem {
  return {
    code: "ENGINE_OWNED",
    message: `${name} is a replica of service ${service} and cannot be ${verb} by hand`,
    why: "the engine would make it again at once, to keep the service at its number of replicas",
    try: `for another number of them set Replicas= in ${service}@.service, fleet submit --replace ${service}@.service, fleet deploy ${service} VERSION`,
  };
}

export function textDiffers(name: UnitName, verb: string): Problem {
  return {
    code: "CONFLICT",
    message: `unit ${name} exists already with other text`,
    why: "a unit's text changes only when that is asked for",
    try: `fleet ${verb} --replace ${name}`,
  };
}

/** The service that a replica belongs to, or null. */
export function owningService(unit: Unit): ServiceName | null {
  return unit.origin.kind === "replica" ? unit.origin.service : null;
}
