import { beforeAll, expect, test } from "vitest";
import { bundle, type Bundle } from "./bundle.ts";

let first: Bundle;

beforeAll(async () => {
  first = await bundle("0.0.0-test");
}, 120_000);

const textsOf = ({ main, roles }: Bundle): readonly string[] =>
  [main, ...Object.values(roles)].map((code) => Buffer.from(code).toString());

test("the same sources give the same bytes, the version is in them, and no path of this computer", async () => {
  const again = textsOf(await bundle("0.0.0-test"));
  for (const [index, text] of textsOf(first).entries()) {
    expect(text === again[index]).toBe(true);
    expect(text.includes(import.meta.dirname.slice(0, import.meta.dirname.indexOf("/apps/")))).toBe(false);
  }
  expect(textsOf(first).some((text) => text.includes("0.0.0-test"))).toBe(true);
}, 120_000);

test("no daemon carries another's source along, and each character of it takes one byte", () => {
  expect(Object.keys(first.roles)).toEqual(["agent.cjs", "engine.cjs", "bot.cjs", "fleet.cjs"]);
  expect(first.main.byteLength).toBeLessThan(20_000);
  const agent = Buffer.from(first.roles["agent.cjs"] ?? []).toString();
  for (const other of ["init_engine=", "@slack/", "runEngine"]) expect(agent.includes(other), other).toBe(false);
  for (const text of textsOf(first)) expect(/[^\0-\x7f]/.test(text)).toBe(false);
});

test("no role carries what it does not use of zod along, and what begins them all carries none of it", () => {
  // A word of its Danish and its Norwegian messages.
  for (const text of textsOf(first)) expect(text.includes("Ugyldig")).toBe(false);
  expect(Buffer.from(first.main).toString().includes("ZodString")).toBe(false);
});
