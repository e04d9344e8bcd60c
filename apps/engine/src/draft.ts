import {
  absent,
  keys,
  modRevisionIs,
  put,
  remove,
  type Condition,
  type Entry,
  type Key,
  type Operation,
  type Snapshot,
} from "@quarterdeck/etcd";
import type { ServiceName, Service, Sha256, Unit, UnitName, UnitFile } from "@quarterdeck/model";
import { hashText } from "./hash-text.ts";

/**
 * Desired state as one request leaves it: reads fall through to the mirror, later reads see earlier writes, and every unit and
 * service that was looked at becomes a condition, so that what is committed was decided from what still stands.
 */
export type Draft = {
  readonly view: Snapshot;
  unit(name: UnitName): Unit | null;
  /** The mirror's own entry, or null for a unit that this draft creates. */
  storedUnit(name: UnitName): Entry<Unit> | null;
  /** The text behind a hash, of this draft or stored. */
  text(hash: Sha256): string | null;
  /** Makes sure that the text is stored, and returns its hash. */
  keepText(text: string): Sha256;
  setUnit(name: UnitName, unit: Unit): void;
  /** Removes the unit and the engine's memory of it; its schedule entries are turned to absent by the planner. */
  removeUnit(name: UnitName): void;
  service(name: ServiceName): Service | null;
  setService(name: ServiceName, service: Service | null): void;
  /** Adds an operation on a key that the draft does not manage itself, with its condition. */
  add(operation: Operation, condition?: Condition): void;
  finish(): {
    readonly when: readonly Condition[];
    readonly then: readonly Operation[];
    readonly changed: readonly string[];
  };
};

/** One key as it was and as it shall be; `after` undefined means untouched. */
type Cell<Value> = { readonly key: Key<Value>; readonly before: Entry<Value> | null; after: Value | null | undefined };

export function createDraft(view: Snapshot): Draft {
  const units = new Map<UnitName, Cell<Unit>>();
  const services = new Map<ServiceName, Cell<Service>>();
  const files = new Map<Sha256, UnitFile>();
  const extra: Operation[] = [];
  const extraWhen: Condition[] = [];

  const cell = <Name, Value>(cells: Map<Name, Cell<Value>>, name: Name, key: Key<Value>): Cell<Value> => {
    const known = cells.get(name);
    if (known !== undefined) return known;
    const made: Cell<Value> = { key, before: view.get(key), after: undefined };
    cells.set(name, made);
    return made;
  };
  const unitCell = (name: UnitName) => cell(units, name, keys.unit(name));
  const serviceCell = (name: ServiceName) => cell(services, name, keys.service(name));

  return {
    view,
    unit: (name) => current(unitCell(name)),
    storedUnit: (name) => unitCell(name).before,
    text: (hash) => files.get(hash)?.text ?? view.get(keys.unitFile(hash))?.value.text ?? null,
    keepText(text) {
      const hash = hashText(text);
      if (view.get(keys.unitFile(hash)) === null) files.set(hash, { v: 1, text });
      return hash;
    },
    setUnit: (name, unit) => void (unitCell(name).after = unit),
    removeUnit: (name) => void (unitCell(name).after = null),
    service: (name) => current(serviceCell(name)),
    setService: (name, service) => void (serviceCell(name).after = service),
    add(operation, condition) {
      extra.push(operation);
      if (condition !== undefined) extraWhen.push(condition);
    },
    finish() {
      const removed = [...units]
        .filter(([, { before, after }]) => after === null && before !== null)
        .map(([name]) => name);
      return {
        when: [...[...units.values()].map(unchanged), ...[...services.values()].map(unchanged), ...extraWhen],
        then: [
          ...[...files].map(([hash, file]) => put(keys.unitFile(hash), file)),
          ...[...units.values()].flatMap(operations),
          ...[...services.values()].flatMap(operations),
          ...removed.filter((name) => view.get(keys.status(name)) !== null).map((name) => remove(keys.status(name))),
          ...extra,
        ],
        changed: [...units].filter(([, { after }]) => after !== undefined).map(([name]) => name),
      };
    },
  };
}

function current<Value>({ before, after }: Cell<Value>): Value | null {
  return after === undefined ? (before?.value ?? null) : after;
}

function unchanged<Value>({ key, before }: Cell<Value>): Condition {
  return before === null ? absent(key) : modRevisionIs(key, before.modRevision);
}

function operations<Value>({ key, before, after }: Cell<Value>): readonly Operation[] {
  if (after === undefined || (after === null && before === null)) return [];
  return [after === null ? remove(key) : put(key, after)];
}
