import type { FleetCluster, FleetUnit } from "@quarterdeck/commands/fleet";
import { isTemplate, type UnitName, type UnitTarget } from "@quarterdeck/model";
import { areWritable, checkUnit, renderUnitOptions } from "@quarterdeck/units";
import { failure, type Answer } from "./answer.ts";
import { checkUnitName } from "./check-unit-name.ts";
import { decodeBody, unitBodySchema, type UnitBody } from "./decode.ts";
import { pageOf, parsePage } from "./page.ts";
import type { RecentStops } from "./recent-stops.ts";

/** The longest that a start waits for the stop before it: systemd's own TimeoutStopSec=, and some. */
const STOP_PATIENCE_MS = 100_000;

/** Where units are read and changed. */
export type Units = { readonly cluster: FleetCluster; readonly stops: RecentStops };

export async function listUnits({ cluster }: Units, query: URLSearchParams, signal: AbortSignal): Promise<Answer> {
  const page = parsePage(query);
  if (!page.ok) return failure(400, page.error);
  const units = (await cluster.units(signal)).map((unit) => unitJson(unit, unit.current));
  return { status: 200, body: pageOf("units", units, page.value) };
}

/** A global unit has no current state here, though it has one in the list: so it was in fleet. */
export async function getUnit({ cluster, stops }: Units, item: string, signal: AbortSignal): Promise<Answer> {
  const name = checkUnitName(item);
  const unit = name.ok ? await cluster.unit(name.value, signal) : null;
  if (unit === null) return failure(404, "unit does not exist");
  return { status: 200, body: unitJson(unit, unit.global ? null : stops.show(unit.name, unit.current)) };
}

export async function deleteUnit({ cluster, stops }: Units, item: string, signal: AbortSignal): Promise<Answer> {
  const name = checkUnitName(item);
  if (!name.ok || (await cluster.unit(name.value, signal)) === null) return failure(404, "unit does not exist");
  await cluster.destroy(name.value, signal);
  stops.forget(name.value);
  return { status: 204, body: null };
}

export type PutUnit = { readonly item: string; readonly contentTypes: readonly string[]; readonly body: string };

/** Makes a unit, gives it another text, or says what it should be. */
export async function putUnit(
  units: Units,
  { item, contentTypes, body }: PutUnit,
  signal: AbortSignal,
): Promise<Answer> {
  const unsupported = checkContentType(contentTypes);
  if (unsupported !== null) return failure(415, unsupported);
  const decoded = decodeBody(unitBodySchema, body);
  if (!decoded.ok) return failure(400, `unable to decode body: ${decoded.error}`);
  const asked = decoded.value;
  if (asked.name !== "" && asked.name !== item)
    return failure(
      400,
      `name in URL ${JSON.stringify(item)} differs from unit name in request body ${JSON.stringify(asked.name)}`,
    );
  const name = checkUnitName(item);
  if (!name.ok) return failure(400, name.error);
  const existing = await units.cluster.unit(name.value, signal);
  if (existing === null && asked.options.length === 0)
    return failure(409, "unit does not exist and options field empty");
  const text = renderUnitOptions(asked.options);
  if (existing === null || (asked.options.length > 0 && text !== renderUnitOptions(existing.options)))
    return create(units, { name: name.value, asked, text }, signal);
  if (asked.desiredState === null) return failure(409, "must provide DesiredState to update existing unit");
  if (isTemplate(name.value) && asked.desiredState !== "inactive")
    return failure(400, `cannot activate template ${JSON.stringify(name.value)}`);
  await aim(units, { unit: existing, target: asked.desiredState }, signal);
  return { status: 204, body: null };
}

type Create = { readonly name: UnitName; readonly asked: UnitBody; readonly text: string };

async function create({ cluster, stops }: Units, { name, asked, text }: Create, signal: AbortSignal): Promise<Answer> {
  if (!areWritable(asked.options))
    return failure(
      400,
      "an option that is not one line of a unit file: names and values have no end of line, but behind a backslash",
    );
  const target = asked.desiredState ?? "inactive";
  if (isTemplate(name) && target !== "inactive")
    return failure(400, `cannot activate template ${JSON.stringify(name)}`);
  const checked = checkUnit(name, text);
  if (!checked.ok) return failure(400, checked.error.message);
  await cluster.create({ name, text }, target, signal);
  stops.forget(name);
  return { status: 201, body: null };
}

type Aim = { readonly unit: FleetUnit; readonly target: UnitTarget };

async function aim({ cluster, stops }: Units, { unit, target }: Aim, signal: AbortSignal): Promise<void> {
  // What may be asked of a template is what it is.
  if (isTemplate(unit.name)) return;
  if (target === "launched" && stops.has(unit.name)) await cluster.stopped(unit.name, STOP_PATIENCE_MS, signal);
  await cluster.aim(unit.name, target, signal);
  if (target === "loaded" && unit.current === "launched") stops.note(unit.name);
  else if (target !== "loaded") stops.forget(unit.name);
}

/** fleet's messages. */
function checkContentType(values: readonly string[]): string | null {
  const [value] = values;
  if (value === undefined || values.length > 1) return `expected 1 Content-Type, got ${values.length}`;
  const type = value.split(";", 1)[0]?.trim();
  return type === "application/json" ? null : "only acceptable Content-Type is application/json";
}

function unitJson(unit: FleetUnit, current: UnitTarget | null): Readonly<Record<string, unknown>> {
  return {
    ...(current === null ? {} : { currentState: current }),
    desiredState: unit.desired,
    ...(unit.machine === null || unit.global ? {} : { machineID: unit.machine }),
    name: unit.name,
    ...(unit.options.length === 0 ? {} : { options: unit.options.map(optionJson) }),
  };
}

/** What is empty is left out, as in all of fleet's bodies. */
function optionJson({ section, name, value }: FleetUnit["options"][number]): Readonly<Record<string, string>> {
  return { name, section, ...(value === "" ? {} : { value }) };
}
