import type { Invocation } from "./observation.ts";

/** The active units in what `systemctl show -p Id,ActiveState,InvocationID UNIT…` prints: a block a unit, a blank line between. */
export function parseShow(text: string): ReadonlyMap<string, Invocation> {
  const active = new Map<string, Invocation>();
  for (const block of text.split(/\n{2,}/)) {
    const properties = new Map(
      block.split("\n").flatMap((line) => {
        const equals = line.indexOf("=");
        return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const];
      }),
    );
    const unit = properties.get("Id");
    if (unit !== undefined && properties.get("ActiveState") === "active")
      active.set(unit, properties.get("InvocationID") ?? "");
  }
  return active;
}
