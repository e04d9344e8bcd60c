import type { MachineId, UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { expandForMachine, expandSpecifiers } from "./expand-specifiers.ts";
import { matchGlob, parseGlob } from "./glob.ts";

const WEB = "web@a-b.service" as UnitName;
const ID = "0123456789abcdef0123456789abcdef" as MachineId;

test.each([
  ["%n %N %p %i %I", "web@a-b.service web@a-b web a-b a/b"],
  ["100%%", "100%"],
])("%j is expanded by the unit's own name", (text, expanded) => {
  expect(expandSpecifiers(text, WEB)).toEqual({ ok: true, value: expanded });
});

test.each(["%H", "%m", "%x", "%"])("%j is refused where no machine is judged", (text) => {
  expect(expandSpecifiers(text, WEB)).toMatchObject({ ok: false, error: { try: "write %% for a percent sign" } });
});

describe("for the machine that is judged", () => {
  const on = (hostname: string) => ({ hostname, machine: ID });

  test.each([
    ["%p@%H.service", "web@m1.service"],
    ["%m", ID],
    ["%%H and %%%H", "%H and %m1"],
    ["%i%%m", "a-b%m"],
  ])("%j is %j", (text, expanded) => {
    const later = expandSpecifiers(text, WEB, "later");
    expect(later.ok && expandForMachine(later.value, on("m1"))).toBe(expanded);
  });

  test.each(["*", "a*b", "[a-z]", "a\\b", "a-z", "ü?"])(
    "a machine that is called %j is that in a pattern, and no pattern",
    (hostname) => {
      for (const pattern of ["x@%H.service", "x@[%H].service"]) {
        const glob = parseGlob(expandForMachine(pattern, on(hostname), "pattern"));
        const isIn = (text: string) => glob.ok && matchGlob(glob.value, `x@${text}.service`);
        const whole = pattern === "x@%H.service";
        expect(whole ? isIn(hostname) : Array.from(hostname).every(isIn)).toBe(true);
        expect(isIn("anything-else")).toBe(false);
        expect(isIn("k")).toBe(false);
      }
    },
  );
});
