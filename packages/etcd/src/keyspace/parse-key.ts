import { families } from "./families.ts";

type Families = typeof families;

/** Which key a path is, and the names in it. */
export type ParsedKey = {
  readonly [Kind in keyof Families]: {
    readonly kind: Kind;
    readonly names: NonNullable<ReturnType<Families[Kind]["parse"]>>;
  };
}[keyof Families];

/** Takes a path apart; null for what none of the `keys` with open segments builds. */
export function parseKey(path: string): ParsedKey | null {
  for (const [kind, { parse }] of Object.entries(families)) {
    const names = parse(path);
    if (names !== null) return { kind, names } as ParsedKey;
  }
  return null;
}
