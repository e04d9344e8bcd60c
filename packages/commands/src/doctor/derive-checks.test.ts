import { keys, put, type CredentialFinding, type MemberHealth, type Unreadable } from "@quarterdeck/etcd";
import { fakeMember } from "@quarterdeck/etcd/testing";
import { CodedError, refuse, succeed, type Principal } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import { clusterOf, M1, M2, machine } from "../testing/seed-cluster.ts";
import { deriveChecks, exitCodeOf } from "./derive-checks.ts";
import type { ClusterFindings, Findings } from "./findings.ts";

const NOW = Date.UTC(2026, 10, 28);
const DAY_MS = 86_400_000;
const URL_1 = "https://10.0.0.1:2379";
const URL_2 = "https://etcd2.example:2379";
const signal = AbortSignal.timeout(10_000);

const LEADER = put(keys.leader("abc"), { v: 1, machine: M1, hostname: "m1", since: "2026-11-24T00:00:00.000Z" });
const factsOf = async (...operations: Parameters<typeof clusterOf>) =>
  deriveFacts(await (await clusterOf(...operations)).snapshot(FACT_PREFIXES, signal));
const facts = await factsOf(machine(M1), machine(M2), LEADER);

const credential = (part: CredentialFinding["part"], more: Partial<CredentialFinding> = {}): CredentialFinding => ({
  part,
  source: `/pki/${part}.pem`,
  problem: null,
  name: part === "key" ? null : part === "ca" ? "Quarterdeck" : "operator:anna",
  validFrom: part === "key" ? null : NOW - DAY_MS,
  validTo: part === "key" ? null : NOW + 300 * DAY_MS,
  ...more,
});
const GOOD_FILES = [credential("ca"), credential("certificate"), credential("key")] as const;
const problem = { code: "ETCD_UNREACHABLE", message: "it is broken", why: "so", try: "mend it" } as const;

const m1 = (more: Partial<MemberHealth> = {}): MemberHealth => fakeMember({ endpoint: URL_1, name: "m1", ...more });
const m2 = (more: Partial<MemberHealth> = {}): MemberHealth =>
  fakeMember({ endpoint: URL_2, name: "m2", id: "2", leader: false, ...more });
const silent = (failedAt: MemberHealth["failedAt"]): Partial<MemberHealth> => ({
  failedAt,
  healthy: false,
  hasLeader: null,
  leader: null,
  version: null,
  databaseBytes: null,
  clockDifferenceMs: null,
  problem,
});

const cluster = (more: Partial<ClusterFindings> = {}): ClusterFindings => ({
  isAccessControlled: succeed(true),
  reading: succeed({ facts, unreadable: [] }),
  mayWrite: succeed(false),
  ...more,
});
const GOOD: Findings = {
  now: NOW,
  way: {
    source: "/home/local.json",
    problem: null,
    warning: null,
    name: "local",
    endpoints: [URL_1, URL_2],
    principal: "operator:anna" as Principal,
    lab: "runs",
  },
  credentials: GOOD_FILES,
  unopened: null,
  knocks: [],
  members: [m1(), m2()],
  cluster: cluster(),
};
const way = (more: Partial<Findings["way"]>): Partial<Findings> => ({ way: { ...GOOD.way, ...more } });
/** As it is found when nothing could be asked. */
const NO_CLIENT = { members: [], cluster: null } as const;

const linesOf = (findings: Findings): readonly string[] =>
  deriveChecks(findings).map(({ check, state, message }) => `${state} ${check}: ${message}`);

test("a cluster that is well passes every check, each endpoint as far as its kind goes", () => {
  expect(deriveChecks(GOOD).map(({ check, state }) => `${state} ${check}`)).toEqual([
    "ok context",
    "ok lab",
    "ok ca",
    "ok certificate",
    "ok key",
    `ok tcp ${URL_1}`,
    `ok tls ${URL_1}`,
    `ok etcd ${URL_1}`,
    `ok version ${URL_1}`,
    `ok database ${URL_1}`,
    `ok clock ${URL_1}`,
    `ok name ${URL_2}`,
    `ok tcp ${URL_2}`,
    `ok tls ${URL_2}`,
    `ok etcd ${URL_2}`,
    `ok version ${URL_2}`,
    `ok database ${URL_2}`,
    `ok clock ${URL_2}`,
    "ok leader",
    "ok alarms",
    "ok access control",
    "ok reading",
    "ok writing",
    "ok values",
    "ok engine",
    "ok agents",
  ]);
  expect(exitCodeOf(deriveChecks(GOOD), GOOD)).toBe(0);
});

const newer: Unreadable = {
  path: "units/x.service",
  error: new CodedError("ETCD_NEWER_VALUE", { message: "it has version 2, and 1 is known" }),
};

type Case = readonly [title: string, more: Partial<Findings>, line: RegExp, exitCode: number];
const cases: readonly Case[] = [
  ["a broken context", { ...way({ problem }), ...NO_CLIENT }, /^failed context: it is broken$/, 1],
  ["a context that others can change", way({ warning: problem }), /^warn context: it is broken$/, 0],
  ["a lab that does not run", { ...way({ lab: problem }), ...NO_CLIENT }, /^failed lab: it is broken$/, 7],
  [
    "an endpoint that cannot be one",
    { unopened: { code: "INVALID_CONFIG", message: "no scheme", try: "https://" }, ...NO_CLIENT },
    /^failed context: no scheme$/,
    1,
  ],
  [
    "a CA that cannot be read",
    { credentials: [credential("ca", { problem, validTo: null }), ...GOOD_FILES.slice(1)] },
    /^failed ca: it is broken$/,
    1,
  ],
  [
    "an expired certificate",
    { credentials: [credential("certificate", { validTo: NOW })] },
    /^failed certificate: it expired at 2026-11-28T00:00:00.000Z \(/,
    1,
  ],
  [
    "a certificate of tomorrow",
    { credentials: [credential("certificate", { validFrom: NOW + DAY_MS })] },
    /^failed certificate: it is not valid before 2026-11-29/,
    1,
  ],
  [
    "a certificate that expires in 13 days",
    { credentials: [credential("certificate", { validTo: NOW + 14 * DAY_MS - 1 })] },
    /^warn certificate: it expires in 13 days/,
    0,
  ],
  [
    "somebody else's certificate",
    { credentials: [credential("certificate", { name: "operator:ben" })] },
    /^failed certificate: it is of operator:ben, and the context says operator:anna/,
    1,
  ],
  ["one endpoint without a name", { members: [m1(), m2(silent("name"))] }, /^failed name .*etcd2.*: it is broken$/, 1],
  ["one endpoint that is away", { members: [m1(), m2(silent("tcp"))] }, /^failed tcp .*etcd2.*: it is broken$/, 1],
  ["no endpoint at all", { members: [m1(silent("tcp"))], cluster: null }, /^failed tcp .*: it is broken$/, 7],
  [
    "a member without a leader",
    { members: [m1({ healthy: false, hasLeader: false, leader: false, problem })], cluster: null },
    /^failed leader: there is none: 1 of 1 members answer$/,
    1,
  ],
  [
    "a leader that is not seen",
    { members: [m1({ leader: false }), m2(silent("tcp"))] },
    /^warn leader: the leader is a member that does not answer here$/,
    1,
  ],
  [
    "an old version",
    { members: [m1({ version: "3.6.1", warning: "etcd 3.6.1 is leaky; run 3.6.14" })] },
    /^warn version .*: etcd 3.6.1 is leaky$/,
    0,
  ],
  [
    "a database at four fifths of its quota",
    { members: [m1({ databaseBytes: 80 * 2 ** 20, quotaBytes: 100 * 2 ** 20 })] },
    /^warn database .*: 80.0 MiB of 100.0 MiB \(80 %\)/,
    0,
  ],
  [
    "a clock that is ahead",
    { members: [m1({ clockDifferenceMs: 2_500 })] },
    /^warn clock .*: it is 2.5 s ahead of ours$/,
    0,
  ],
  [
    "a clock that is behind",
    { members: [m1({ clockDifferenceMs: -60_000 })] },
    /^warn clock .*: it is 60.0 s behind ours$/,
    0,
  ],
  [
    "NOSPACE",
    { members: [m1({ healthy: false, alarms: ["NOSPACE"], problem })] },
    /^failed alarms: NOSPACE: etcd is full/,
    1,
  ],
  [
    "CORRUPT before NOSPACE",
    { members: [m1({ healthy: false, alarms: ["NOSPACE", "CORRUPT"], problem })] },
    /^failed alarms: CORRUPT: members hold different data$/,
    1,
  ],
  [
    "access control that is off",
    { cluster: cluster({ isAccessControlled: succeed(false), mayWrite: succeed(true) }) },
    /^failed access control: off: /,
    1,
  ],
  [
    "a right to write what should be",
    { cluster: cluster({ mayWrite: succeed(true) }) },
    /^failed writing: operator:anna may write what should be, past the engine$/,
    1,
  ],
  [
    "no right to read",
    { cluster: cluster({ reading: refuse({ ...problem, code: "ETCD_FORBIDDEN", message: "you may not" }) }) },
    /^failed reading: you may not$/,
    1,
  ],
  [
    "values of a newer version",
    { cluster: cluster({ reading: succeed({ facts, unreadable: [newer] }) }) },
    /^failed values: units\/x\.service: it has version 2, and 1 is known$/,
    1,
  ],
  [
    "no engine",
    { cluster: cluster({ reading: succeed({ facts: await factsOf(machine(M1)), unreadable: [] }) }) },
    /^failed engine: none leads: requests wait$/,
    1,
  ],
  [
    "a silent agent",
    {
      cluster: cluster({
        reading: succeed({
          facts: await factsOf(machine(M1), machine(M2, { lost: true }), LEADER),
          unreadable: [],
        }),
      }),
    },
    /^warn agents: 1 of 2 machines report; silent: m2$/,
    0,
  ],
];

test.each(cases)("%s is told in one line", (_, more, line, exitCode) => {
  const findings = { ...GOOD, ...more };
  const lines = linesOf(findings);
  expect(lines.filter((each) => line.test(each))).toHaveLength(1);
  expect(exitCodeOf(deriveChecks(findings), findings)).toBe(exitCode);
});

test.each(cases)("%s: no check says again what another has said, and every fault says what to try", (_, more) => {
  const wrong = deriveChecks({ ...GOOD, ...more }).filter(({ state }) => state === "failed" || state === "warn");
  expect(new Set(wrong.map(({ message }) => message)).size).toBe(wrong.length);
  for (const check of wrong) {
    expect(check.message).not.toContain("\n");
    expect(check.try).toMatch(/./);
  }
});

test("what rests on a check that failed is skipped and says on which", () => {
  const lines = linesOf({ ...GOOD, members: [m1(silent("tcp")), m2(silent("tls"))], cluster: null });
  expect(lines).toEqual(
    expect.arrayContaining([
      `skipped tls ${URL_1}: no tcp`,
      `skipped etcd ${URL_1}: no tcp`,
      `ok tcp ${URL_2}: somebody listens`,
      `skipped etcd ${URL_2}: no tls`,
      "skipped leader: no member answers",
      "skipped reading: no etcd to ask",
    ]),
  );
});

test("a certificate that has run out is blamed once, not at every endpoint again", () => {
  const expired = { ...silent("tls"), problem: { ...problem, code: "INVALID_CERTIFICATE" } } as const;
  const credentials = [credential("certificate", { problem: null, validTo: NOW - DAY_MS })];
  const lines = linesOf({ ...GOOD, credentials, members: [m1(expired), m2(expired)], cluster: null });
  expect(lines.filter((line) => line.startsWith("failed"))).toEqual([expect.stringMatching(/^failed certificate: /)]);
  expect(lines).toContain(`skipped tls ${URL_1}: the certificate is not good`);
});

test("without a client the endpoints are knocked at, and no more is claimed of them", () => {
  const lines = linesOf({
    ...GOOD,
    ...NO_CLIENT,
    credentials: [credential("ca", { problem }), ...GOOD_FILES.slice(1)],
    unopened: { ...problem, code: "INVALID_CERTIFICATE" },
    knocks: [
      { endpoint: URL_1, failedAt: null, problem: null },
      { endpoint: URL_2, failedAt: "name", problem: { ...problem, message: "no such name" } },
    ],
  });
  expect(lines.filter((line) => line.includes("https:"))).toEqual([
    `ok tcp ${URL_1}: somebody listens`,
    `skipped tls ${URL_1}: no certificate that can be shown`,
    `skipped etcd ${URL_1}: no certificate that can be shown`,
    `failed name ${URL_2}: no such name`,
    `skipped tcp ${URL_2}: no name`,
    `skipped tls ${URL_2}: no name`,
    `skipped etcd ${URL_2}: no name`,
  ]);
});
