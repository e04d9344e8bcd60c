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
/** Named on the page as what is still refused. */
const refused = ["Identity"];

test.each([...FLEET_KEYS, ...DEPLOY_KEYS])(
  "docs/units.md has %s= in a table, and in an example if it is acted on",
  (key) => {
    expect(page).toMatch(new RegExp(`^\\|[^|]*\`${key}=\`[^|]*\\|`, "m"));
    if (!refused.includes(key)) expect(accepted).toMatch(new RegExp(`^${key}=`, "m"));
  },
);

test.each(examples)("the example %s of docs/units.md is accepted without a warning", (name, text) => {
  expect(checkUnit(name as UnitName, text)).toMatchObject({ ok: true, value: { warnings: [] } });
});

test.each(refused)("%s=, which the page says is refused, is", (key) => {
  const text = `[Service]\nExecStart=/bin/a\n[X-Fleet]\n${key}=bot\n`;
  expect(checkUnit("a.service" as UnitName, text)).toMatchObject({ ok: false });
});
