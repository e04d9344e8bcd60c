/// <reference types="node" />
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { UnitName } from "@quarterdeck/model";
import { checkUnit, DEPLOY_KEYS, FLEET_KEYS } from "@quarterdeck/units";
import { expect, test } from "vitest";

const page = await readFile(fileURLToPath(new URL("../../../../docs/units.md", import.meta.url)), "utf8");
const examples = [...page.matchAll(/^```ini\n# (\S+)\n(.*?)^```$/gms)].map(
  ([, name = "", text = ""]) => [name, text] as const,
);
const accepted = examples.map(([, text]) => text).join("");
test.each([...FLEET_KEYS, ...DEPLOY_KEYS])("docs/units.md has %s= in a table, and in an example", (key) => {
  expect(page).toMatch(new RegExp(`^\\|[^|]*\`${key}=\`[^|]*\\|`, "m"));
  expect(accepted).toMatch(new RegExp(`^${key}=`, "m"));
});

test.each(examples)("the example %s of docs/units.md is accepted without a warning", (name, text) => {
  expect(checkUnit(name as UnitName, text)).toMatchObject({ ok: true, value: { warnings: [] } });
});
