import { chmod, rm, writeFile } from "node:fs/promises";
import { applyRoles, connectEtcd, keys, put, type TlsMaterial } from "@quarterdeck/etcd";
import { findEtcd, HOW_TO_GET_ETCD, startSecureEtcd, type SecureEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId, Timestamp } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeClusterHome, type ClusterHome, type Said } from "./testing/cluster-home.ts";

const signal = AbortSignal.timeout(120_000);
const prefix = "/quarterdeck/";
const M1 = "a".repeat(32) as MachineId;
/** Over before it can be used. */
const NO_TIME = 1 / 86_400_000;

type Row = { readonly check: string; readonly state: string; readonly message: string; readonly try: string | null };

describe.skipIf(findEtcd() === null)(`fleet doctor on a real etcd (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let etcd: SecureEtcd;
  const homes: ClusterHome[] = [];
  beforeAll(async () => {
    etcd = await startSecureEtcd();
    const endpoints = [etcd.server.url];
    const root = { endpoints, tls: await etcd.issue(profiles.root()) };
    await applyRoles(root, { machines: [M1], operators: ["anna"], prefix }, signal);
    await using engine = await connectEtcd({ endpoints, tls: await etcd.issue(profiles.engine()), prefix }, signal);
    const at = new Date().toISOString() as Timestamp;
    const leader = { v: 1, machine: M1, hostname: "m1", since: at } as const;
    await engine.transact({ when: [], then: [put(keys.leader("1"), leader)] }, signal);
    await engine.transact({ when: [], then: [put(keys.presence(M1), presenceOf(M1, at))] }, signal);
  });
  afterEach(async () => {
    for (const home of homes.splice(0)) await home[Symbol.asyncDispose]();
  });
  afterAll(() => etcd.server[Symbol.asyncDispose]());

  const homeOf = async (tls: TlsMaterial, user = "operator:anna"): Promise<ClusterHome> => {
    const home = await makeClusterHome({ endpoints: [etcd.server.url], tls, user });
    homes.push(home);
    return home;
  };
  const anna = async (days?: number): Promise<ClusterHome> => homeOf(await etcd.issue(profiles.operator("anna"), days));
  const examine = async (home: ClusterHome): Promise<{ readonly exitCode: number; readonly rows: readonly Row[] }> => {
    const { exitCode, out } = await home.fleet("doctor", "-o", "json");
    return { exitCode, rows: JSON.parse(out) as Row[] };
  };
  const wrong = (rows: readonly Row[]): readonly string[] =>
    rows.filter(({ state }) => state === "failed" || state === "warn").map(({ state, check }) => `${state} ${check}`);
  const stateOf = (rows: readonly Row[], check: string): string | undefined =>
    rows.find((row) => row.check === check)?.state;

  test("a cluster that is well: a line a check, all ok, on stdout, and 0", async () => {
    const home = await anna();
    const { exitCode, out, err } = await home.fleet("doctor");
    expect([exitCode, err]).toEqual([0, ""]);
    const lines = out.trimEnd().split("\n");
    expect(lines.filter((line) => /^ok +/.test(line))).toHaveLength(lines.length - 1);
    expect(out).toMatch(/^ok +certificate +operator:anna, until \d{4}-\d\d-\d\d \(/m);
    expect(out).toMatch(/^ok +access control +on/m);
    expect(out).toMatch(/^ok +writing +operator:anna may not write what should be/m);
    expect(out).toMatch(/^ok +engine +led by m1$/m);
    expect(out).toMatch(/^ok +agents +1 of 1 machines report$/m);
    expect((await home.fleet("etcd", "ls", "/quarterdeck/units")).exitCode).toBe(3);
  });

  test("every element of its JSON has exactly its keys", async () => {
    const { rows } = await examine(await anna());
    for (const row of rows) expect(Object.keys(row)).toEqual(["check", "state", "message", "why", "try"]);
  });

  test.each([
    ["no context at all", async (home: ClusterHome) => rm(home.contextPath), 1],
    ["a context that is no JSON", async (home: ClusterHome) => writeFile(home.contextPath, "{"), 1],
    ["a context without endpoints", async (home: ClusterHome) => home.writeContext({ endpoints: [] }), 1],
    [
      "an endpoint without TLS",
      async (home: ClusterHome) => home.writeContext({ endpoints: ["http://127.0.0.1:1"] }),
      7,
    ],
  ])("%s is the one thing that is wrong with what is here", async (_, make, exitCode) => {
    const home = await anna();
    await make(home);
    const found = await examine(home);
    expect(found.exitCode).toBe(exitCode);
    expect(wrong(found.rows).filter((line) => !line.includes(" tcp "))).toEqual(["failed context"]);
    expect(stateOf(found.rows, "reading")).toBe("skipped");
    expect(found.rows.find(({ check }) => check === "context")?.try).toMatch(/./);
  });

  test("nothing is sent to the addresses of a lab that does not run", async () => {
    const home = await anna();
    await home.writeContext({ lab: `${home.directory}/lab.sock` });
    const { exitCode, rows } = await examine(home);
    expect(exitCode).toBe(7);
    expect(wrong(rows)).toEqual(["failed lab"]);
    expect(stateOf(rows, `endpoint ${etcd.server.url}`)).toBe("skipped");
  });

  test("files that cannot be used are told each for itself, and the endpoints are knocked at all the same", async () => {
    const home = await anna();
    await rm(home.files.ca);
    await chmod(home.files.key, 0o644);
    await chmod(home.contextPath, 0o666);
    const { exitCode, rows } = await examine(home);
    expect(exitCode).toBe(1);
    expect(wrong(rows)).toEqual(["warn context", "failed ca", "failed key"]);
    expect(stateOf(rows, "certificate")).toBe("ok");
    expect(stateOf(rows, `tcp ${etcd.server.url}`)).toBe("ok");
    expect(stateOf(rows, `tls ${etcd.server.url}`)).toBe("skipped");
  });

  test("a certificate that soon expires is warned of, one that has expired fails, once", async () => {
    const soon = await examine(await anna(10));
    expect([soon.exitCode, wrong(soon.rows)]).toEqual([0, ["warn certificate"]]);
    const over = await examine(await anna(NO_TIME));
    expect([over.exitCode, wrong(over.rows)]).toEqual([7, ["failed certificate"]]);
    expect(stateOf(over.rows, `tls ${etcd.server.url}`)).toBe("skipped");
  });

  const permissions = (
    [
      [profiles.root(), "root", ["warn writing"]],
      [profiles.engine(), "engine", []],
      [profiles.operator("nobody"), "operator:nobody", ["failed reading"]],
      [profiles.operator("ben"), "operator:anna", ["failed certificate", "failed reading"]],
    ] as const
  ).map(([profile, user, expected]) => ({ commonName: profile.commonName, profile, user, expected }));
  test.each(permissions)(
    "what $commonName may do is found out without doing it",
    async ({ profile, user, expected }) => {
      const home = await homeOf(await etcd.issue(profile), user);
      expect(wrong((await examine(home)).rows)).toEqual(expected);
      expect((await (await anna()).fleet("etcd", "ls", "/quarterdeck/units")).exitCode).toBe(3);
    },
  );

  test("a frozen etcd, and an endpoint where nobody is: told apart, within seconds, with progress meanwhile", async () => {
    const home = await anna();
    await home.writeContext({ endpoints: ["https://127.0.0.1:1", etcd.server.url] });
    etcd.server.freeze();
    let said: Said;
    try {
      said = await home.fleet("doctor");
    } finally {
      etcd.server.thaw();
    }
    expect(said.exitCode).toBe(7);
    expect(said.out).toMatch(/^FAIL {2}tcp https:\/\/127\.0\.0\.1:1 .* nothing listens \(ECONNREFUSED\); try: /m);
    expect(said.out).toMatch(/^FAIL {2}tls .* takes the connection and says nothing: it is stopped or overloaded/m);
    expect(said.out).toMatch(/^- {5}reading +skipped: no etcd to ask$/m);
    expect(said.err).toContain("doctor of local: asking each member of etcd how it is\n");
  });
});

const presenceOf = (machine: MachineId, startedAt: Timestamp) =>
  ({
    v: 1,
    machine,
    hostname: "m1",
    address: "127.0.0.1",
    agentPort: 7443,
    zone: "local",
    os: "Debian 12",
    versions: { agent: "0.1.0" },
    capacity: { cpus: 2, memoryMiB: 1024 },
    metadata: {},
    bootId: "b",
    instanceId: "i",
    startedAt,
  }) as const;
