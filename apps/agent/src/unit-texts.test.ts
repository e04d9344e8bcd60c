import type { Sha256, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { hashOf } from "./unit-files.ts";
import { UnitTexts } from "./unit-texts.ts";

const unit = "web@1.service" as UnitName;
const TEXT = "[Service]\n";
const hash = hashOf(TEXT);
const signal = AbortSignal.timeout(5000);

function counting(answer: string | null) {
  let asked = 0;
  const fetch = () => {
    asked += 1;
    return Promise.resolve(answer);
  };
  return { fetch, asked: () => asked };
}

test("a text is fetched once", async () => {
  const source = counting(TEXT);
  const texts = new UnitTexts(source.fetch);
  expect(await texts.get(unit, hash, signal)).toBe(TEXT);
  expect(await texts.get(unit, hash, signal)).toBe(TEXT);
  expect(source.asked()).toBe(1);
});

test("a text that is not what its hash says is refused and not kept", async () => {
  const texts = new UnitTexts(counting("[Service]\nExecStart=/bin/evil\n").fetch);
  await expect(texts.get(unit, hash, signal)).rejects.toMatchObject({ code: "ETCD_CORRUPT_VALUE" });
  expect(texts.known.size).toBe(0);
});

test("a text that is not there is NOT_FOUND", async () => {
  await expect(new UnitTexts(counting(null).fetch).get(unit, hash, signal)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("texts from disk are used when they are what they say", async () => {
  const source = counting(TEXT);
  const other = "b".repeat(64) as Sha256;
  const texts = new UnitTexts(
    source.fetch,
    new Map([
      [hash, TEXT],
      [other, "torn"],
    ]),
  );
  expect(await texts.get(unit, hash, signal)).toBe(TEXT);
  expect(source.asked()).toBe(0);
  expect([...texts.known.keys()]).toEqual([hash]);
  texts.keepOnly(new Set());
  expect(texts.known.size).toBe(0);
});
