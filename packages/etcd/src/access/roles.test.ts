import type { MachineId } from "@quarterdeck/model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { roles, type Permission, type RoleSpec } from "./roles.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const prefix = "/quarterdeck/";
const operatorName = fc.stringMatching(/^[a-zA-Z0-9_.@-]{1,20}$/);
const machineId = fc.stringMatching(/^[0-9a-f]{32}$/) as fc.Arbitrary<MachineId>;
const segment = fc.stringMatching(/^[ -~]{0,12}$/);

/** etcd's own rule: byte order, `end` exclusive. */
function covers({ start, end }: Permission, key: string): boolean {
  const [bytes, from, to] = [Buffer.from(key), Buffer.from(start), Buffer.from(end)];
  if (end === "") return bytes.equals(from);
  return bytes.compare(from) >= 0 && (end === "\0" || bytes.compare(to) < 0);
}

function writers(specs: readonly RoleSpec[], key: string): readonly string[] {
  return specs
    .filter(({ permissions }) => permissions.some((one) => one.access !== "Read" && covers(one, key)))
    .map(({ principal }) => principal);
}

describe("what roles() lets anybody write", () => {
  test("a machine's own keys are its own and the engine's, however much its name is like another's", () => {
    fc.assert(
      fc.property(fc.uniqueArray(machineId, { minLength: 1, maxLength: 4 }), segment, (machines, rest) => {
        const specs = roles({ machines, operators: ["anna"], prefix });
        for (const machine of machines)
          expect(writers(specs, `${prefix}agents/${machine}/${rest}`)).toEqual(["engine", `machine:${machine}`]);
      }),
    );
  });

  test("an operator's requests are its own and the engine's, though one name begins with the other", () => {
    fc.assert(
      fc.property(operatorName, operatorName, segment, (name, tail, rest) => {
        const names = [name, `${name}${tail}`];
        const specs = roles({ machines: [], operators: names, prefix });
        for (const each of names)
          expect(writers(specs, `${prefix}requests/operator:${each}/${rest}`)).toEqual(["engine", `operator:${each}`]);
      }),
    );
  });

  test("what should be is the engine's alone", () => {
    const families = fc.constantFrom("units/", "schedule/", "policy", "epoch", "audit/", "machines/", "engine/", "");
    fc.assert(
      fc.property(families, segment, (family, rest) => {
        const specs = roles({ machines: ["a".repeat(32) as MachineId], operators: ["anna"], prefix });
        expect(writers(specs, `${prefix}${family}${rest.replace(/^(bot|requests|agents)/, "")}`)).toEqual(["engine"]);
      }),
    );
  });

  test("every key outside of the prefix is the operators' and nobody else's, up to the last byte before and the first after", () => {
    const specs = roles({ machines: ["a".repeat(32) as MachineId], operators: ["anna"], prefix });
    for (const key of ["!", "/", "/quarterdeck", "/quarterdeck.", "/quarterdeck0", "/quarterdecks/x", "~", "\u00ff"])
      expect(writers(specs, key)).toEqual(["operator:anna"]);
    for (const key of ["/quarterdeck/", "/quarterdeck/\0", "/quarterdeck/~", "/quarterdeck/\u{10ffff}"])
      expect(writers(specs, key)).toEqual(["engine"]);
  });

  test("names given twice are one user", () => {
    const machine = "a".repeat(32) as MachineId;
    expect(
      roles({ machines: [machine, machine], operators: ["anna", "anna"], prefix }).map((spec) => spec.principal),
    ).toEqual(["engine", "bot", "operator:anna", `machine:${machine}`]);
  });
});

test.each(["", "anna/bot", "a b", "anna\0", "anna\n", "änna", "x".repeat(65), "*"])(
  "an operator called %j is refused",
  (name) => {
    expect(() => roles({ machines: [], operators: [name], prefix })).toThrow(/cannot be a user of etcd/);
  },
);

test.each(["", "ab", "A".repeat(32), `${"a".repeat(31)}/`, `${"a".repeat(32)}0`])("a machine %j is refused", (id) => {
  expect(() => roles({ machines: [id as MachineId], operators: [], prefix })).toThrow(/cannot be a user of etcd/);
});

test.each(["", "/", "quarterdeck/", "/quarterdeck", "/quärter/", "//"])("a prefix %j is refused", (bad) => {
  expect(() => roles({ machines: [], operators: [], prefix: bad })).toThrow(/does not begin and end with/);
});
