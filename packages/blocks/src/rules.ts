/** A finding: where (JSON pointer), Slack's error code, and Slack's words. */
export type Diagnostic = { readonly pointer: string; readonly code: SlackErrorCode; readonly message: string };

/** The errors Slack answers a bad payload with; the sandbox returns them as `error`. */
export type SlackErrorCode =
  | "invalid_blocks"
  | "invalid_blocks_format"
  | "no_text"
  | "msg_too_long"
  | "msg_blocks_too_long"
  | "only_one_table_allowed"
  | "invalid_arguments"
  | "view_too_large";

/** Takes one finding about the place it was made for. */
export type Report = (pointer: string, message: string) => void;

/** Checks one value; reports what Slack would refuse. */
export type Rule = (value: unknown, pointer: string, report: Report) => void;

/** A JSON object, its members still unknown. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object; not for arrays and null. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A string of `min` to `max` UTF-16 units. */
export function string(max: number, min = 1): Rule {
  return (value, pointer, report) => {
    if (typeof value !== "string") return report(pointer, "must be a string");
    if (value.length < min) report(pointer, `must be more than ${min - 1} characters`);
    if (value.length > max) report(pointer, `must be less than ${max + 1} characters`);
  };
}

/** One of a closed list. */
export function oneOf(...allowed: readonly string[]): Rule {
  return (value, pointer, report) => {
    if (typeof value !== "string" || !allowed.includes(value)) report(pointer, `must be one of: ${allowed.join(", ")}`);
  };
}

/** True or false. */
export const boolean: Rule = (value, pointer, report) => {
  if (typeof value !== "boolean") report(pointer, "must be a boolean");
};

/** A number within bounds, both included. */
export function number(min = -Infinity, max = Infinity): Rule {
  return (value, pointer, report) => {
    if (typeof value !== "number" || value < min || value > max)
      report(pointer, `must be a number from ${min} to ${max}`);
  };
}

/** Anything at all: parts that Slack checks and Quarterdeck does not use. */
export const anything: Rule = () => {};

/** An array of `min` to `max` members, each by `member`. */
export function array(member: Rule, max: number, min = 1): Rule {
  return (value, pointer, report) => {
    if (!Array.isArray(value)) return report(pointer, "must be an array");
    if (value.length < min) report(pointer, `no fewer than ${min} items allowed`);
    if (value.length > max) report(pointer, `no more than ${max} items allowed`);
    for (const [index, item] of value.entries()) member(item, `${pointer}/${index}`, report);
  };
}

/** An object with exactly these members; a name that ends in `?` is optional. */
export function object(members: Readonly<Record<string, Rule>>): Rule {
  const rules = new Map(
    Object.entries(members).map(([name, rule]) => [name.replace(/\?$/, ""), { rule, optional: name.endsWith("?") }]),
  );
  return (value, pointer, report) => {
    if (!isObject(value)) return report(pointer, "must be an object");
    for (const [name, { rule, optional }] of rules) {
      if (value[name] !== undefined) rule(value[name], `${pointer}/${name}`, report);
      else if (!optional) report(pointer, `missing required field: ${name}`);
    }
    for (const name of Object.keys(value))
      if (!rules.has(name)) report(pointer, `invalid additional property: ${name}`);
  };
}

/** An object whose `type` chooses its rule. */
export function byType(rules: Readonly<Record<string, Rule>>): Rule {
  return (value, pointer, report) => {
    if (!isObject(value)) return report(pointer, "must be an object");
    const type = value["type"];
    const rule = typeof type === "string" && Object.hasOwn(rules, type) ? rules[type] : undefined;
    if (rule === undefined) return report(`${pointer}/type`, `unsupported type: ${describe(type)}`);
    rule(value, pointer, report);
  };
}

/** Both rules, in order. */
export function both(first: Rule, second: Rule): Rule {
  return (value, pointer, report) => {
    first(value, pointer, report);
    second(value, pointer, report);
  };
}

function describe(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
}
