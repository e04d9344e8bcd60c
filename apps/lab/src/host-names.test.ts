import { expect, test } from "vitest";
import { deriveHostNames, MAX_MACHINE_NUMBER } from "./host-names.ts";

test("names depend on the home path alone and differ between homes", () => {
  expect(deriveHostNames("/a").tag).toMatch(/^qd[0-9a-f]{6}$/);
  expect(deriveHostNames("/a").tag).toBe(deriveHostNames("/a").tag);
  expect(deriveHostNames("/a").tag).not.toBe(deriveHostNames("/b").tag);
});

test("every name fits in an interface name of 15 characters", () => {
  const names = deriveHostNames("/root/.local/share/quarterdeck");
  for (const name of [names.bridge, names.machine(1), names.machine(MAX_MACHINE_NUMBER)])
    expect(name.length).toBeLessThanOrEqual(15);
});
