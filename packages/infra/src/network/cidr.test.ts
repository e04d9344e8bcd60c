import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { containsCidr, overlapCidrs, parseCidr, partOfCidr, renderCidr, sizeOfCidr, type Cidr } from "./cidr.ts";

const blocks = fc
  .record({ address: fc.integer({ min: 0, max: 0xff_ff_ff_ff }), prefixLength: fc.integer({ min: 0, max: 32 }) })
  .map(({ address, prefixLength }): Cidr => ({ base: address - (address % 2 ** (32 - prefixLength)), prefixLength }));

const holds = (block: Cidr, address: number) => block.base <= address && address < block.base + sizeOfCidr(block);

describe("a CIDR block", () => {
  test("is read back from how it is written", () => {
    fc.assert(
      fc.property(blocks, (block) => {
        expect(parseCidr(renderCidr(block))).toEqual({ ok: true, value: block });
      }),
    );
  });

  test.each([
    ["10.78.1.0/16", "10.78.0.0/16"],
    ["192.168.1.77/24", "192.168.1.0/24"],
    ["255.255.255.255/0", "0.0.0.0/0"],
    ["10.78.0.0/33", "10.78.0.0/16"],
    ["10.78.0.256/32", "10.78.0.0/16"],
    ["10.78.0.0", "10.78.0.0/16"],
    ["10.78.0.0/16 ", "10.78.0.0/16"],
    ["::/0", "10.78.0.0/16"],
    ["", "10.78.0.0/16"],
  ])("is not %j, and %s is what one may type instead", (text, hint) => {
    expect(parseCidr(text)).toEqual({
      ok: false,
      error: expect.objectContaining({
        code: "INVALID_CONFIG",
        message: expect.stringContaining(JSON.stringify(text)),
        try: hint,
      }),
    });
  });

  test("contains and overlaps what its addresses say, tried at the ends of both", () => {
    fc.assert(
      fc.property(blocks, blocks, (one, other) => {
        const ends = [one, other].flatMap((block) => [block.base, block.base + sizeOfCidr(block) - 1]);
        expect(overlapCidrs(one, other)).toBe(ends.some((end) => holds(one, end) && holds(other, end)));
        expect(containsCidr(one, other)).toBe(ends.slice(2).every((end) => holds(one, end)));
      }),
    );
  });

  test("is exactly its parts, one after the other", () => {
    const cut = fc
      .record({ block: blocks, bits: fc.integer({ min: 0, max: 6 }) })
      .filter(({ block, bits }) => block.prefixLength + bits <= 32);
    fc.assert(
      fc.property(cut, ({ block, bits }) => {
        let next = block.base;
        for (let index = 0; index < 2 ** bits; index += 1) {
          const part = partOfCidr(block, bits, index);
          expect(part.base).toBe(next);
          next += sizeOfCidr(part);
        }
        expect(next).toBe(block.base + sizeOfCidr(block));
      }),
    );
  });

  test("has no part behind its last, nor one smaller than an address", () => {
    const block = { base: 0, prefixLength: 24 };
    expect(() => partOfCidr(block, 2, 4)).toThrow(/no part 4/);
    expect(() => partOfCidr(block, 2, -1)).toThrow(/no part -1/);
    expect(() => partOfCidr(block, 9, 0)).toThrow(/no part 0/);
  });
});
