/** A JSON object whose members are not known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object; not for arrays and null. */
export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member as a string that is not empty, or undefined. */
export function textOf(value: Json, name: string): string | undefined {
  const member = value[name];
  return typeof member === "string" && member !== "" ? member : undefined;
}

/** The member as a boolean; Slack's forms spell it `true`, `1`, and leave it out for false. */
export function flagOf(value: Json, name: string): boolean {
  const member = value[name];
  return member === true || member === "true" || member === "1";
}

/** The member as a list of objects; anything else in it is left out. */
export function objectsOf(value: Json, name: string): readonly Json[] {
  const member = value[name];
  return Array.isArray(member) ? member.filter(isJson) : [];
}
