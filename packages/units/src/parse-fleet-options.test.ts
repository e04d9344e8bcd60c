import type { UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { parseFleetOptions } from "./parse-fleet-options.ts";
import { parseUnitFile } from "./parse-unit-file.ts";
import { warnUnit } from "./warn-unit.ts";

const ID = "0123456789abcdef0123456789abcdef";

function options(lines: string, name = "web@2.service") {
  const document = parseUnitFile(`[X-Fleet]\n${lines}\n`);
  if (!document.ok) throw new Error(document.error.message);
  return parseFleetOptions(document.value, name as UnitName);
}

describe("[X-Fleet] is read by fleet's rules", () => {
  test.each([
    ["nothing", "", {}],
    ["a machine id, the first of several", `MachineID=${ID}\nMachineID=${"f".repeat(32)}`, { machineId: ID }],
    [
      "several targets of MachineOf",
      "MachineOf=a.service\nMachineOf=b.service c.service",
      { machineOf: ["a.service", "b.service", "c.service"] },
    ],
    [
      "keys of metadata are and, values of one key are or",
      'MachineMetadata="role=a" "disk=ssd"\nMachineMetadata=role=b',
      {
        machineMetadata: [
          { key: "role", values: ["a", "b"] },
          { key: "disk", values: ["ssd"] },
        ],
      },
    ],
    [
      "conflicts are patterns, separated by spaces",
      "Conflicts=a*.service b?.service\nConflicts=[x-z].service",
      { conflicts: ["a*.service", "b?.service", "[x-z].service"] },
    ],
    ["the last word on Global wins", "Global=true\nGlobal=no", { global: false }],
    ["Global has fleet's spellings of true", "Global=T", { global: true }],
    ["an empty value resets", "Conflicts=a.service\nConflicts=", { conflicts: [] }],
    [
      "specifiers are expanded",
      "MachineOf=%p-data@%i.service\nConflicts=%N-x.service not-%n",
      { machineOf: ["web-data@2.service"], conflicts: ["web@2-x.service", "not-web@2.service"] },
    ],
    ["an instance is unescaped", "MachineMetadata=path=%I", { machineMetadata: [{ key: "path", values: ["2"] }] }],
    [
      "two per cent signs are one, later where a machine is judged",
      "Conflicts=a%%b.service",
      { conflicts: ["a%%b.service"] },
    ],
    ["Global goes with metadata and conflicts", "Global=1\nMachineMetadata=a=b\nConflicts=x.service", { global: true }],
    [
      "legacy spellings count",
      `X-ConditionMachineOf=a.service\nX-Conflicts=b.service\nX-ConditionMachineMetadata=a=b`,
      { machineOf: ["a.service"], conflicts: ["b.service"] },
    ],
    ["the boot id of old is the machine id", `X-ConditionMachineBootID=${ID}`, { machineId: ID }],
    ["replaces", "Replaces=old.service", { replaces: ["old.service"] }],
    [
      "reservations",
      "MemoryReserve=1.5G\nCPUReserve=0.5\nCPUReserve=150%%",
      { memoryReserveMiB: 1536, cpuReserveCores: 1.5 },
    ],
    ["a key to spread over", "Spread=zone", { spread: "zone" }],
    ["when to move", "Reschedule=failed", { reschedule: "failed" }],
    ["a unit is moved when its machine is lost, if nothing is said", "Reschedule=", { reschedule: "lost" }],
    [
      "values of the machine that is judged",
      "MachineMetadata=host=%H id=%m\nMachineID=%m",
      {
        machineId: null,
        machineMetadata: [
          { key: "host", values: ["%H"] },
          { key: "id", values: ["%m"] },
        ],
      },
    ],
    [
      "patterns of the machine that is judged",
      "Conflicts=x@%H.service y@%m*.service z%%H.service",
      { conflicts: ["x@%H.service", "y@%m*.service", "z%%H.service"] },
    ],
    ["at most one copy, whatever happens", "Singleton=true", { singleton: true }],
    ["jobs, and units of the system", "RunOnce=yes\nSystem=true", { runOnce: true, system: true }],
  ])("%s", (_, lines, expected) => {
    expect(options(lines)).toMatchObject({ ok: true, value: expected });
  });

  test.each([
    ["MachineID=abc", /^line 2, column 1: MachineID=: "abc" is not a machine id/],
    [`MachineID=${ID}\nMachineOf=a.service`, /MachineID and MachineOf cannot stand together/],
    [`MachineID=${ID}\nConflicts=a.service`, /MachineID and Conflicts/],
    [`MachineID=${ID}\nGlobal=true`, /MachineID and Global/],
    [`MachineID=${ID}\nReplaces=a.service`, /MachineID and Replaces/],
    ["Global=true\nMachineOf=a.service", /Global and MachineOf/],
    ["Global=true\nReplaces=a.service", /Global and Replaces/],
    ["Replaces=a.service\nConflicts=b.service", /Replaces and Conflicts/],
    ["MachineOf=a.service\nConflicts=a*", /Conflicts=a\* forbids/],
    ["MachineOf=a.service\nReplaces=a.service", /both MachineOf and Replaces/],
    ["MachineOf=%n", /names the unit itself/],
    ["Replaces=%n", /names the unit itself/],
    ["\nMachineMetadata=role", /^line 3, column 1: MachineMetadata=: "role" is not key=value/],
    ["MachineMetadata=role=", /is not key=value/],
    ["Conflicts=a[", /has a \[ that never ends well/],
    ["Global=maybe", /neither true nor false/],
    ["MachineOf=a", /is not a unit name/],
    ["Conflicts=%h", /"%h" is not one of the specifiers/],
    ["MachineOf=x@%H.service", /MachineOf=x@%H.service would be another on each machine, and it is decided before/],
    ["Replaces=x@%m.service", /Replaces=x@%m.service would be another on each machine/],
    ["MachineID=%H", /would be another on each machine/],
    ["Spread=%m", /would be another on each machine/],
    ["MachineMetadata=%H=a", /is not key=value/],
    ["Global=true\nSingleton=true", /Global and Singleton/],
    ["\nIdentity=engine", /^line 3, column 1: Identity=: "engine" is a certificate of Quarterdeck's own/],
    [`Identity=machine:${ID}`, /certificate of Quarterdeck's own/],
    ["Identity=etcd", /certificate of Quarterdeck's own/],
    ["Identity=api", /certificate of Quarterdeck's own/],
    ["Identity=root", /certificate of Quarterdeck's own/],
    ["Identity=peer", /certificate of Quarterdeck's own/],
    ["Identity=operator:ada", /is a person's certificate/],
    ["Identity=../bot", /is not an identity that a unit may have/],
    ["Global=true\nSpread=zone", /Global and Spread/],
    ["Global=true\nRunOnce=true", /Global and RunOnce/],
    ["Global=true\nReschedule=never", /Global and Reschedule/],
    [`MachineID=${ID}\nSpread=zone`, /MachineID and Spread/],
    [`MachineID=${ID}\nReschedule=failed`, /MachineID and Reschedule=failed/],
    ["MachineOf=a.service\nSpread=zone", /MachineOf and Spread/],
    ["Reschedule=always", /is none of never, lost, failed/],
    ["MemoryReserve=some", /is not an amount of memory/],
    ["CPUReserve=0", /is not a number of processor cores/],
    ['MachineMetadata="role=a', /is never closed/],
    ["MachinOf=a.service", /unknown key MachinOf/],
  ])("%j is refused", (lines, message) => {
    const result = options(lines);
    expect(result.ok).toBe(false);
    if (!result.ok) {
      expect(result.error.code).toBe("INVALID_UNIT");
      expect(result.error.message).toMatch(message);
    }
  });

  test("an unknown key is answered with the nearest known one", () => {
    expect(options("MachinOf=a.service")).toMatchObject({ ok: false, error: { try: "MachineOf=a.service" } });
    expect(options("Frobnicate=1")).toMatchObject({
      ok: false,
      error: { try: expect.stringContaining("known keys: MachineID, MachineOf") },
    });
  });

  test("a template's values that depend on the instance wait for it", () => {
    expect(options("MachineID=%i", "pin@.service")).toMatchObject({ ok: true, value: { machineId: null } });
    expect(options("MachineID=%i", `pin@${ID}.service`)).toMatchObject({ ok: true, value: { machineId: ID } });
  });

  test("legacy spellings are warned about, each with today's", () => {
    const document = parseUnitFile("[Install]\n[X-Fleet]\nX-Conflicts=a\nConflicts=b\n[Servce]\n[X-Mine]\n");
    if (!document.ok) throw new Error(document.error.message);
    expect(warnUnit(document.value, "a.service" as UnitName).map((warning) => [warning.line, warning.try])).toEqual([
      [1, "remove the section, or keep it for use by hand"],
      [3, "Conflicts=a"],
      [5, "[Service]"],
    ]);
  });
});
