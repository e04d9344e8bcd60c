import type { MachineId } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFleetLockId } from "./derive-fleet-lock-id.ts";

/** As systemd 252 prints them: `systemd-id128 machine-id --app-specific=de35106b6ec24688b63afddaa156679b`. */
test.each([
  ["0123456789abcdef0123456789abcdef", "583627a932274834a8ebd99f4ed41c0d"],
  ["11111111111111111111111111111111", "2b073e93ea0e405d81abb8790b99334d"],
  ["ffffffffffffffffffffffffffffffff", "01e17ff8056e4c079b0bac70864eb9b5"],
])("machine %s is %s to Zincati", (machine, id) => {
  expect(deriveFleetLockId(machine as MachineId)).toBe(id);
});
