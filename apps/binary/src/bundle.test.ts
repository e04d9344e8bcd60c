import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

test("another version is another binary", async () => {
  const [one, other] = await Promise.all([bundle("1.0.0"), bundle("1.0.1")]);
  expect(Buffer.compare(one, other)).not.toBe(0);
}, 60_000);

test("the same sources give the same bytes, and no path of this computer is in them", async () => {
  const [first, second] = await Promise.all([bundle("0.0.0-test"), bundle("0.0.0-test")]);
  expect(Buffer.compare(first, second)).toBe(0);
  const text = Buffer.from(first).toString();
  expect(text).toContain("0.0.0-test");
  expect(text).not.toContain(import.meta.dirname.slice(0, import.meta.dirname.indexOf("/apps/")));
}, 60_000);
