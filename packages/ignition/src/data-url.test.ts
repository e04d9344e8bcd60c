import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseDataUrl, renderDataUrl } from "./data-url.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

describe("a data URL", () => {
  test("gives back the text that it was made from", () => {
    const texts = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed());
    fc.assert(fc.property(texts, (text) => parseDataUrl(renderDataUrl(text)) === text));
  });

  test.each([
    ["", "data:,"],
    ["a b\n", "data:,a%20b%0A"],
    ["100% 'ü' +/=&#?", "data:,100%25%20'%C3%BC'%20%2B%2F%3D%26%23%3F"],
  ])("of %j escapes every byte that a URL gives a meaning to", (text, url) => {
    expect(renderDataUrl(text)).toBe(url);
  });

  test("is not made of half a character", () => {
    expect(() => renderDataUrl("\ud800")).toThrow(expect.objectContaining({ code: "INVALID_CONFIG" }));
  });

  test.each(["", "data:", "data:text/plain,a", "data:;base64,YQ==", "data:,a b", "data:,%", "data:,%ff", "http://a/"])(
    "is not read from %j",
    (url) => {
      expect(parseDataUrl(url)).toBeNull();
    },
  );
});
