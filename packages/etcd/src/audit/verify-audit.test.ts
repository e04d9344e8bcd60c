import type { AuditSeal } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { expect, test } from "vitest";
import { keys } from "../keyspace/keys.ts";
import { createAuditAuthority } from "../testing/audit-authority.ts";
import { append, factsOf, forge, type Story } from "../testing/audit-story.ts";
import { fakeEtcd, type FakeEtcd } from "../testing/fake-etcd.ts";
import { readAuditLog } from "./audit-log.ts";
import { seal } from "./audit-signer.ts";
import { exportAudit } from "./export-audit.ts";
import { hashEntry } from "./hash-entry.ts";
import { readAuditExport } from "./read-audit-export.ts";
import { verifyAudit, verifyAuditLog, type VerifyOptions } from "./verify-audit.ts";

const signal = AbortSignal.timeout(120_000);
const start = new Date(Date.UTC(2026, 9, 31));
const authority = await createAuditAuthority(start);
const stranger = await createAuditAuthority(start);
const engines = [await authority.signer(), await authority.signer(), await authority.signer()];
const [engine] = engines as [(typeof engines)[0]];
const operator = await authority.signer({ profile: profiles.operator("eve") });
const outsider = await stranger.signer();
const COUNT = 7;

/** Seven acts of three leaders in turn. */
async function cluster(count = COUNT): Promise<FakeEtcd> {
  const etcd = fakeEtcd();
  for (let hour = 1; hour <= count; hour += 1)
    expect(await append(etcd, factsOf(hour), engines[hour % 3] ?? engine)).toBe(true);
  return etcd;
}

async function storyOf(etcd: FakeEtcd): Promise<Story> {
  const { entries, ...seals } = await readAuditLog(etcd, signal);
  return { ...seals, entries: await Array.fromAsync(entries) };
}

const sound = await storyOf(await cluster());
const parse = <Value>(json: string | null): Value => JSON.parse(json ?? "null") as Value;
const head = parse<AuditSeal>(sound.head);
const hashAt = (sequence: number) => hashEntry(sound.entries[sequence - 1]?.json ?? "");
const verify = (story: Story, options: Partial<VerifyOptions> = {}) =>
  verifyAuditLog(story, { ca: authority.ca, ...options }, signal);

/** The story with the text of one entry rewritten. */
function edit(sequence: number, rewrite: (json: string) => string): Story {
  return {
    ...sound,
    entries: sound.entries.map((entry, index) =>
      index + 1 === sequence ? { ...entry, json: rewrite(entry.json) } : entry,
    ),
  };
}
const without = (...gone: readonly number[]): Story => ({
  ...sound,
  entries: sound.entries.filter((_, index) => !gone.includes(index + 1)),
});
const withHead = (more: Partial<AuditSeal>): Story => ({ ...sound, head: JSON.stringify({ ...head, ...more }) });
const facts = Array.from({ length: COUNT }, (_, index) => factsOf(index + 1));
const lie = facts.map((one, index) => (index === 3 ? { ...one, outcome: "nothing happened" } : one));

test("a log by several leaders with certificates of their own is sound, and says what to keep", async () => {
  expect(await verify(sound)).toEqual({
    ok: true,
    entries: COUNT,
    first: 1,
    head: { sequence: COUNT, hash: hashAt(COUNT), at: factsOf(COUNT).at },
    signedFrom: 1,
    anchor: null,
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
  });
});

test.each<readonly [string, Story, string, number | null]>([
  ["the first entry is removed", without(1), "removed", 1],
  ["one in the middle is removed", without(4), "removed", 4],
  ["the last is removed", without(COUNT), "removed", COUNT],
  ["the tail is cut", without(5, 6, 7), "removed", 5],
  ["all are removed", without(1, 2, 3, 4, 5, 6, 7), "removed", 1],
  ["everything is removed", { ...without(1, 2, 3, 4, 5, 6, 7), head: null }, "empty", null],
  ["an outcome is changed", edit(4, (json) => json.replace("applied", "refused")), "changed", 4],
  ["a space is added", edit(4, (json) => json.replace(",", ", ")), "changed", 4],
  ["the last one is changed", edit(COUNT, (json) => json.replace("applied", "refused")), "changed", COUNT],
  ["the first says that one was before it", edit(1, (json) => json.replace("null}", `"${hashAt(2)}"}`)), "changed", 1],
  ["an entry says it is another", edit(4, (json) => json.replace('"sequence":4', '"sequence":5')), "moved", 4],
  ["an entry is no JSON", edit(4, (json) => json.slice(0, -1)), "unreadable", 4],
  ["an entry is no entry", edit(4, () => '{"v":1}'), "unreadable", 4],
  ["an entry is not UTF-8", edit(4, (json) => json.replace("naïve", "na\ufffdve")), "unreadable", 4],
  ["an entry is newer than we", edit(4, (json) => json.replace('"v":1', '"v":2')), "newer", 4],
  ["an entry stands before the first", inserted("audit/000000000000"), "inserted", 0],
  ["a key is no place", inserted("audit/0000000000007"), "inserted", null],
  ["a key is none of ours", inserted("audit/zebra"), "inserted", null],
  ["an entry is added behind the head", goesOn(), "head-behind", COUNT + 1],
  ["the head is removed", { ...sound, head: null }, "head-missing", null],
  ["the head is garbage", { ...sound, head: "{}" }, "seal-unreadable", null],
  ["the head is no JSON", { ...sound, head: "no" }, "seal-unreadable", null],
  ["the head is an older engine's", { ...sound, head: null, unsignedHead: "{}" }, "unsigned", null],
  ["the head's certificate is garbage", withHead({ certificate: "no" }), "certificate", COUNT],
  [
    "the head's certificate has another's signature under it",
    withHead({ certificate: unsigned() }),
    "certificate",
    COUNT,
  ],
  ["the head's signature is another's", withHead({ signature: "AAAA" }), "signature", COUNT],
  ["the head's time is moved", withHead({ at: factsOf(COUNT + 1).at }), "signature", COUNT],
  ["the head says that less was signed", withHead({ signedFrom: COUNT }), "signature", COUNT],
  ["the chain is rewritten, its head kept", { ...forge(lie, engine), head: sound.head }, "changed", COUNT],
  ["it is rewritten with an outsider's key", forge(lie, outsider), "certificate", COUNT],
  ["it is rewritten with an operator's key", forge(lie, operator), "certificate", COUNT],
  ["it is rewritten under a stolen certificate", stolenCertificate(), "signature", COUNT],
  ["an anchor stands for the head", sealedAs("anchor"), "signature", COUNT],
  ["time goes backwards", forge([...facts.slice(0, 4), ...facts.slice(1, 4)], engine), "time", 5],
])("when %s the log is not sound", async (_, story, code, sequence) => {
  expect(await verify(story)).toMatchObject({ ok: false, fault: { code, sequence } });
  // Whoever has the lines alone gets the same verdict, word for word.
  const damaged = fakeEtcd();
  const texts: readonly (readonly [string, string | null])[] = [
    ["audit/chain/head", story.head],
    ["engine/audit-head", story.unsignedHead],
    ...story.entries.map(({ path, json }) => [path, json] as const),
  ];
  for (const [path, text] of texts) if (text !== null) damaged.writeText(path, text);
  const inEtcd = await verifyAudit(damaged, { ca: authority.ca }, signal);
  expect(await verify(await storyOfLines(damaged))).toEqual(inEtcd);
  expect(inEtcd).toMatchObject({ fault: { code, sequence } });
});

test.each<readonly [string, Story, number, number | null]>([
  ["an older state was put back, signed as it is", await storyOf(await cluster(4)), COUNT, 5],
  ["the engine's own key made another log", forge(lie, engine), 5, 5],
  ["what was kept is of a log that never was", sound, COUNT + 1, COUNT + 1],
])("only a kept head tells that %s", async (_, story, kept, sequence) => {
  expect(await verify(story)).toMatchObject({ ok: true });
  const place = { sequence: kept, hash: hashAt(Math.min(kept, COUNT)) };
  expect(await verify(story, { kept: place })).toMatchObject({ ok: false, fault: { code: "kept-head", sequence } });
});

test("a head that was kept at any time agrees with all that came later", async () => {
  for (let sequence = 1; sequence <= COUNT; sequence += 1)
    expect(await verify(sound, { kept: { sequence, hash: hashAt(sequence) } })).toMatchObject({ ok: true });
});

test("a certificate that has expired still speaks for what it signed in its time, and for nothing later", async () => {
  const brief = await authority.signer({ now: new Date(Date.UTC(2026, 10, 1)), days: 1 });
  expect(await verify(forge(facts, brief))).toMatchObject({ ok: true });
  expect(await verify(forge([...facts, factsOf(30)], brief))).toMatchObject({
    ok: false,
    fault: { code: "certificate", message: expect.stringContaining("was not valid at 2026-11-02T06:00:00.000Z") },
  });
});

test("while one authority takes another's place both are believed; then only the new one", async () => {
  const next = await createAuditAuthority(start);
  const etcd = await cluster();
  const both = `${authority.ca}${next.ca}`;
  expect(await verifyAudit(etcd, { ca: both }, signal)).toMatchObject({ ok: true });
  await append(etcd, factsOf(COUNT + 1), await next.signer());
  expect(await verifyAudit(etcd, { ca: both }, signal)).toMatchObject({ ok: true, entries: COUNT + 1 });
  expect(await verifyAudit(etcd, { ca: next.ca }, signal)).toMatchObject({ ok: true });
  expect(await verifyAudit(etcd, { ca: authority.ca }, signal)).toMatchObject({ fault: { code: "certificate" } });
});

test("behind an anchor the log may begin later, and nowhere else", async () => {
  const anchorAt = (sequence: number, signer = engine) =>
    JSON.stringify(seal(signer, "anchor", { sequence, hash: hashAt(sequence), at: factsOf(40).at, signedFrom: 1 }));
  const pruned = { ...without(1, 2, 3), anchor: anchorAt(3) };
  expect(await verify(pruned)).toMatchObject({ ok: true, entries: 4, first: 4, anchor: 3 });
  expect(await verify({ ...without(1, 2, 3, 4, 5, 6, 7), anchor: anchorAt(COUNT) })).toMatchObject({
    ok: true,
    entries: 0,
  });
  const kept = { sequence: 2, hash: hashAt(2) };
  for (const [story, fault] of [
    [
      { ...without(1, 2, 3, 4), anchor: anchorAt(3) },
      { code: "removed", sequence: 4 },
    ],
    [
      { ...without(1, 2), anchor: anchorAt(3) },
      { code: "inserted", sequence: 3 },
    ],
    [
      { ...without(1, 2, 3), anchor: anchorAt(2) },
      { code: "removed", sequence: 3 },
    ],
    [
      { ...without(1, 2, 3), anchor: anchorAt(3, outsider) },
      { code: "certificate", sequence: 3 },
    ],
    [
      { ...without(1, 2, 3), anchor: null },
      { code: "removed", sequence: 1 },
    ],
    [
      {
        ...sound,
        entries: edit(4, (json) => json.replace(hashAt(3), hashAt(2))).entries.slice(3),
        anchor: anchorAt(3),
      },
      { code: "changed", sequence: 3 },
    ],
  ] as const)
    expect(await verify(story)).toMatchObject({ ok: false, fault });
  expect(await verify(pruned, { kept })).toMatchObject({ fault: { code: "kept-head", sequence: 2 } });
});

test("an authority's file that holds none is refused, not taken for an unsound log", async () => {
  for (const ca of [
    "",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    parse<AuditSeal>(sound.head).certificate,
  ])
    await expect(verify(sound, { ca })).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
});

async function storyOfLines(etcd: FakeEtcd): Promise<Story> {
  const { entries, ...seals } = await readAuditExport(exportAudit(etcd, signal));
  return { ...seals, entries: await Array.fromAsync(entries) };
}

function inserted(path: string): Story {
  const entries = [...sound.entries, { path, json: sound.entries[0]?.json ?? "" }];
  return { ...sound, entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** An entry that is well chained to the last, which nobody signed. */
function goesOn(): Story {
  const json = JSON.stringify({ v: 1, sequence: COUNT + 1, ...factsOf(COUNT + 1), previous: hashAt(COUNT) });
  return { ...sound, entries: [...sound.entries, { path: keys.audit(COUNT + 1).path, json }] };
}

function stolenCertificate(): Story {
  const story = forge(lie, operator);
  return { ...story, head: JSON.stringify({ ...parse<AuditSeal>(story.head), certificate: head.certificate }) };
}

/** The engine's own certificate, its authority's signature broken in the last byte. */
function unsigned(): string {
  const der = Buffer.from(head.certificate.replaceAll(/-----.*-----|\n/g, ""), "base64");
  der[der.length - 1] = ((der.at(-1) ?? 0) + 1) % 256;
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

function sealedAs(kind: "anchor"): Story {
  const { sequence, hash, at, signedFrom } = head;
  return { ...sound, head: JSON.stringify(seal(engine, kind, { sequence, hash, at, signedFrom })) };
}
