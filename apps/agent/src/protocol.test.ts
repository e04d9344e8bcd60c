import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

test("every edge of docs/protocol.md is proven by a test of the name that it gives", async () => {
  const page = await readFile(path("docs/protocol.md"), "utf8");
  const edges = [...page.matchAll(/\| `([^`]+\.test\.ts)`: "([^"]+)" \|$/gm)];
  const missing: string[] = [];
  for (const [, file = "", title = ""] of edges) {
    const source = await readFile(path(file), "utf8").catch(() => "");
    if (!source.includes(`"${title}"`)) missing.push(`${file}: ${title}`);
  }
  expect(missing).toEqual([]);
  const named = new Set(
    [...page.matchAll(/^\| (?:[AE]\d+(?:, )?)+ \|/gm)].flatMap(([cell]) => cell.match(/[AE]\d+/g) ?? []),
  );
  const drawn = new Set([...page.matchAll(/: ([AE]\d+)\b/g)].map(([, edge]) => edge));
  expect([...drawn].filter((edge) => !named.has(edge ?? ""))).toEqual([]);
  expect(drawn.size).toBeGreaterThan(20);
});
