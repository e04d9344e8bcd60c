import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONFIG_KEY_NAMES, CONFIG_KEYS, type ConfigKey } from "./keys.ts";

const fileAt = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

/** A key as it stands in `Pulumi.yaml`. */
function inYaml(name: string, { type, default: value, description, secret }: ConfigKey): string {
  return [
    `  ${name}:`,
    `    type: ${type}`,
    ...(type === "array" ? ["    items:", "      type: string"] : []),
    `    default: ${JSON.stringify(value)}`,
    ...(secret ? ["    secret: true"] : []),
    `    description: ${JSON.stringify(description)}`,
    "",
  ].join("\n");
}

test("Pulumi.yaml has every key with its type, its default and its description, and no other", () => {
  const [, config] = fileAt("Pulumi.yaml").split("\nconfig:\n");
  expect(config).toBe(CONFIG_KEY_NAMES.map((name) => inYaml(name, CONFIG_KEYS[name])).join(""));
});

test("docs/aws.md has a line for every key", () => {
  const page = fileAt("docs/aws.md");
  for (const name of CONFIG_KEY_NAMES) {
    const { type, default: value, description, secret }: ConfigKey = CONFIG_KEYS[name];
    expect(page).toContain(
      `| \`${name}\` | ${type}${secret ? ", secret" : ""} | \`${JSON.stringify(value)}\` | ${description} |\n`,
    );
  }
});
