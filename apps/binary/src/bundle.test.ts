import { expect, test } from "vitest";
import { bundle, type Bundle } from "./bundle.ts";

const textOf = ({ main, roles }: Bundle): string =>
  [main, ...Object.values(roles)].map((code) => Buffer.from(code).toString()).join("\n");

test("another version is another binary", async () => {
  const [one, other] = await Promise.all([bundle("1.0.0"), bundle("1.0.1")]);
  expect(textOf(one) === textOf(other)).toBe(false);
}, 60_000);

test("the same sources give the same bytes, and no path of this computer is in them", async () => {
  const [first, second] = await Promise.all([bundle("0.0.0-test"), bundle("0.0.0-test")]);
  const text = textOf(first);
  expect(text === textOf(second)).toBe(true);
  expect(text).toContain("0.0.0-test");
  expect(text).not.toContain(import.meta.dirname.slice(0, import.meta.dirname.indexOf("/apps/")));
}, 60_000);

test("no daemon carries another's source along, and each character of it takes one byte", async () => {
  const { main, roles } = await bundle("0.0.0-test");
  expect(Object.keys(roles)).toEqual(["agent.cjs", "engine.cjs", "bot.cjs", "fleet.cjs"]);
  const agent = Buffer.from(roles["agent.cjs"] ?? []).toString();
  expect(main.byteLength).toBeLessThan(1_000_000);
  for (const other of ["@slack/", "apps/engine/", "apps/bot/"]) expect(agent.includes(other), other).toBe(false);
  expect(/[^\0-\x7f]/.test(textOf({ main, roles }))).toBe(false);
}, 60_000);
