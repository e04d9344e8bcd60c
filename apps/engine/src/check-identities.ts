import { keys, type Snapshot } from "@quarterdeck/etcd";
import {
  templateOf,
  type Problem,
  type Request,
  type RequestAction,
  type UnitIdentity,
  type UnitName,
} from "@quarterdeck/model";
import { authoriseIdentity } from "@quarterdeck/planner";
import { parseFleetOptions, parseUnitFile } from "@quarterdeck/units";
import type { UnitText } from "./apply-submit.ts";
import { hashText } from "./hash-text.ts";

/**
 * The problem of the first unit that would get an identity by this request and by this actor may not, or null. Asked for each text that is new
 * to its unit; whoever may only `start` may start what somebody submitted who had the right, and instances of it.
 */
export function checkIdentities(view: Snapshot, request: Request): Problem | null {
  const policy = view.get(keys.policy())?.value ?? null;
  for (const { name, text } of newTexts(view, request.action)) {
    const identity = identityOf(name, text);
    if (identity === null || isGranted(view, { name, text }, identity)) continue;
    const allowed = authoriseIdentity(policy, request.actor, { unit: name, identity });
    if (!allowed.ok) return allowed.error;
  }
  return null;
}

/** What the request brings as text, and what its instances take from their templates. */
function newTexts(view: Snapshot, action: RequestAction): readonly UnitText[] {
  if (!("files" in action)) return [];
  if (action.verb === "submit") return action.files;
  const brought = new Map(action.files.map((file) => [file.name, file.text]));
  const instances = action.units.flatMap((name) => {
    const template = templateOf(name);
    if (template === null || brought.has(name) || (view.get(keys.unit(name)) !== null && !action.replace)) return [];
    const text = brought.get(template) ?? storedText(view, template);
    return text === null ? [] : [{ name, text }];
  });
  return [...action.files, ...instances];
}

function storedText(view: Snapshot, name: UnitName): string | null {
  const unit = view.get(keys.unit(name));
  return unit === null ? null : (view.get(keys.unitFile(unit.value.hash))?.value.text ?? null);
}

/** Whether the unit has this text already, or its template has it and asks for the same: `Identity=%i` in a template asks for nothing yet. */
function isGranted(view: Snapshot, { name, text }: UnitText, identity: UnitIdentity): boolean {
  const hash = hashText(text);
  const has = (unit: UnitName) => view.get(keys.unit(unit))?.value.hash === hash;
  const template = templateOf(name);
  return has(name) || (template !== null && has(template) && identityOf(template, text) === identity);
}

/** Null for a text that is broken too: what applies the request says what is wrong with it. */
function identityOf(name: UnitName, text: string): UnitIdentity | null {
  const document = parseUnitFile(text);
  const options = document.ok ? parseFleetOptions(document.value, name) : document;
  return options.ok ? options.value.identity : null;
}
