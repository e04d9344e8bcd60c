import { profiles } from "@quarterdeck/pki";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { factsOf, forge, type Story } from "../testing/audit-story.ts";
import { hashEntry } from "./hash-entry.ts";
import { verifyAuditLog } from "./verify-audit.ts";

const signal = new AbortController().signal;
const authority = await createAuditAuthority(new Date(Date.UTC(2026, 9, 31)));
const signers = [
  await authority.signer(),
  await authority.signer({ profile: profiles.engine({ dns: ["m1.lab"] }) }),
  await authority.signer({ profile: profiles.operator("eve") }),
] as const;
const RUNS = { numRuns: 150 };
// A limit by the work and not by the clock: at a second a run, of which each makes and checks some signatures, it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS.numRuns * 4 * 1_000 });

const outcomes = fc.array(fc.string({ unit: "grapheme", maxLength: 30 }), { minLength: 2, maxLength: 9 });
/** A sound log of hostile text, and one of its entries by index. */
const logs = outcomes.chain((texts) =>
  fc.record({
    story: fc.constantFrom(signers[0], signers[1]).map((signer) => forge(factsOfTexts(texts), signer)),
    texts: fc.constant(texts),
    at: fc.nat({ max: texts.length - 1 }),
    random: fc.nat(),
  }),
);

function factsOfTexts(texts: readonly string[]) {
  return texts.map((text, index) => factsOf(index + 1, { outcome: text.replaceAll("\ufffd", "?"), subjects: [] }));
}

async function faultOf(story: Story) {
  const verdict = await verifyAuditLog(story, { ca: authority.ca }, signal);
  return verdict.ok ? null : verdict.fault;
}

test("any chain that engines wrote is sound", async () => {
  await fc.assert(
    fc.asyncProperty(logs, async ({ story }) => {
      expect(await faultOf(story)).toBeNull();
    }),
    RUNS,
  );
});

test("a removed entry is missed by its number, a cut tail by its first", async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.boolean(), async ({ story, at }, tail) => {
      const entries = story.entries.filter((_, index) => (tail ? index < at : index !== at));
      expect(await faultOf({ ...story, entries })).toMatchObject({ code: "removed", sequence: at + 1 });
    }),
    RUNS,
  );
});

test("any other byte anywhere in an entry is found, at that entry or, where it is its link, at the one before", async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.integer({ min: 1, max: 255 }), async ({ story, at, random }, difference) => {
      const stored = story.entries[at]?.json ?? "";
      const bytes = Buffer.from(stored);
      const place = random % bytes.length;
      bytes[place] = ((bytes[place] ?? 0) + difference) % 256;
      // etcd's bytes are read as text, wherever they come from.
      const json = bytes.toString();
      const entries = story.entries.map((entry, index) => (index === at ? { ...entry, json } : entry));
      const link = Buffer.byteLength(stored.slice(0, stored.lastIndexOf('"previous":')));
      const fault = await faultOf({ ...story, entries });
      expect(fault).not.toBeNull();
      if (place > link) expect([at, at + 1]).toContain(fault?.sequence);
      else expect(fault?.sequence).toBe(at + 1);
    }),
    { numRuns: 600 },
  );
});

test("two entries in each other's place are found at the first of them", async () => {
  await fc.assert(
    fc.asyncProperty(logs, async ({ story, at, random }) => {
      const other = (at + 1 + (random % (story.entries.length - 1))) % story.entries.length;
      const text = (index: number) => story.entries[index]?.json ?? "";
      const entries = story.entries.map((entry, index) => ({
        ...entry,
        json: text(index === at ? other : index === other ? at : index),
      }));
      expect(await faultOf({ ...story, entries })).toMatchObject({ code: "moved", sequence: Math.min(at, other) + 1 });
    }),
    RUNS,
  );
});

test("an entry that is put in again is found, wherever its key lies", async () => {
  const keys = fc.oneof(
    fc.integer({ min: 0, max: 30 }).map((number) => `audit/${String(number).padStart(12, "0")}`),
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => `audit/${text}`),
  );
  await fc.assert(
    fc.asyncProperty(logs, keys, async ({ story, at }, path) => {
      fc.pre(!story.entries.some((entry) => entry.path === path));
      const entries = [...story.entries, { path, json: story.entries[at]?.json ?? "" }];
      entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
      expect(["inserted", "removed", "moved"]).toContain((await faultOf({ ...story, entries }))?.code);
    }),
    RUNS,
  );
});

test("a whole chain made anew under the old head, or signed by somebody who is no engine, is found", async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.boolean(), async ({ story, texts, at }, oldHead) => {
      const lie = factsOfTexts(texts.map((text, index) => (index === at ? `${text}!` : text)));
      const forged = forge(lie, signers[2]);
      const last = { sequence: texts.length };
      if (!oldHead) expect(await faultOf(forged)).toMatchObject({ code: "certificate", ...last });
      else expect(await faultOf({ ...forged, head: story.head })).toMatchObject({ code: "changed", ...last });
    }),
    RUNS,
  );
});

test("an older state, signed as it is, and a log that an engine's own key made anew are found by any head kept since", async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.boolean(), async ({ story, texts, at }, older) => {
      const other = older ? texts.slice(0, at + 1) : texts.map((text, index) => (index === at ? `${text}!` : text));
      const put = forge(factsOfTexts(other), signers[0]);
      for (let sequence = at + 1; sequence <= texts.length; sequence += 1) {
        const kept = { sequence, hash: hashEntry(story.entries[sequence - 1]?.json ?? "") };
        const verdict = await verifyAuditLog(put, { ca: authority.ca, kept }, signal);
        if (older && sequence === at + 1) expect(verdict).toMatchObject({ ok: true });
        else
          expect(verdict).toMatchObject({
            ok: false,
            fault: { code: "kept-head", sequence: older ? at + 2 : sequence },
          });
      }
    }),
    RUNS,
  );
});
