import { expect, test } from "vitest";
import { localSeed } from "./seed.ts";

test("every unit of the seed has its file", async () => {
  const seed = await localSeed("operator:anna");
  for (const { file } of seed.units) expect(seed.files[file as keyof typeof seed.files]).toContain("[Service]");
});

test("the local operator may do everything", async () => {
  const seed = await localSeed("operator:anna");
  expect(seed.policy.rules[0]?.subjects).toContain("operator:anna");
});
