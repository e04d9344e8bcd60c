import { refuse, succeed, unitNameSchema, type Result, type UnitName } from "@quarterdeck/model";

const MOST_CHARACTERS = 256;

const TYPES = new Set(
  "automount busname device mount path scope service slice snapshot socket swap target timer".split(" "),
);
const TEMPLATE_TYPES = new Set("path service socket target timer".split(" "));

/** A unit's name by fleet's rules, one after the other; the refusal is fleet's message. */
export function checkUnitName(name: string): Result<UnitName, string> {
  if (name === "") return refuse("unit name cannot be empty");
  if (Buffer.byteLength(name) > MOST_CHARACTERS) return refuse(`unit name exceeds maximum length (${MOST_CHARACTERS})`);
  const dot = name.lastIndexOf(".");
  if (dot < 0) return refuse('unit name must contain "."');
  if (dot === name.length - 1) return refuse('unit name cannot end in "."');
  const type = name.slice(dot + 1);
  if (!TYPES.has(type)) return refuse(`invalid unit type: ${JSON.stringify(type)}`);
  if (name.includes("@") && !TEMPLATE_TYPES.has(type))
    return refuse(`invalid unit type for template: ${JSON.stringify(type)}`);
  // Of systemd's characters a backslash is the one that Quarterdeck does not take: it means too much elsewhere.
  const wrong = /[^a-zA-Z0-9:_.@-]/u.exec(name.slice(0, dot))?.[0];
  if (wrong !== undefined) return refuse(`invalid character '${wrong}' in unit name`);
  if (name.startsWith("@")) return refuse('unit name cannot start in "@"');
  const parsed = unitNameSchema.safeParse(name);
  return parsed.success ? succeed(parsed.data) : refuse(`invalid unit name: ${JSON.stringify(name)}`);
}
