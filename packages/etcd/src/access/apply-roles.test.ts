import type { MachineId, Timestamp } from "@quarterdeck/model";
import { createAuthority, profiles, type Profile } from "@quarterdeck/pki";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { EtcdClient } from "../client.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { families } from "../keyspace/families.ts";
import { keys } from "../keyspace/keys.ts";
import { parseKey } from "../keyspace/parse-key.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { startSecureEtcd, type SecureEtcd } from "../testing/secure-etcd.ts";
import { absent } from "../transaction/condition.ts";
import { remove } from "../transaction/operation.ts";
import { addMachineUser, applyRoles } from "./apply-roles.ts";

const signal = AbortSignal.timeout(120_000);
const A = "a".repeat(32) as MachineId;
const B = "b".repeat(32) as MachineId;
const prefix = "/quarterdeck/";
const principals = { machines: [A], operators: ["anna", `api-${A}`], prefix };

const schema = z.unknown();
const HASH = "c".repeat(64);

/** Keys of every family of the keyspace, as seen by machine A and operator anna; whose name says "other" is another principal's. */
const FAMILIES = {
  presence: `agents/${A}/presence`,
  state: `agents/${A}/states/x.service`,
  otherPresence: `agents/${B}/presence`,
  otherState: `agents/${B}/states/x.service`,
  machine: `machines/${A}`,
  schedule: `schedule/${A}/x.service`,
  otherSchedule: `schedule/${B}/x.service`,
  unitFile: `unit-files/${HASH}`,
  unit: "units/x.service",
  status: "status/x.service",
  service: "services/x",
  release: "releases/x/000000001",
  rollout: "rollouts/x-1-0123abcd",
  approval: "approvals/x-1-0123abcd/user:anna",
  lock: "locks/x",
  lockClaim: "locks/x/1f",
  freeze: "freezes/x",
  rebootGroup: "reboots/x",
  relocation: "relocations/drain-0123456789abcdef",
  brake: "brake",
  policy: "policy",
  epoch: "epoch",
  audit: "audit/000000000001",
  auditExport: "audit-export",
  auditHead: "audit/chain/head",
  auditAnchor: "audit/chain/anchor",
  leader: "engine/leader/1",
  ownRequest: "requests/operator:anna/12345678",
  botRequest: "requests/bot/12345678",
  otherRequest: "requests/operator:annabel/12345678",
  machineRequest: `requests/operator:api-${A}/12345678`,
  botOwn: "bot/messages/x",
} as const;
type Family = keyof typeof FAMILIES;

describe.skipIf(findEtcd() === null)(`etcd's access control (${HOW_TO_GET_ETCD})`, () => {
  let etcd: SecureEtcd;
  const clients: EtcdClient[] = [];

  const as = async (profile: Profile): Promise<EtcdClient> => {
    const client = await connectEtcd({ endpoints: [etcd.server.url], tls: await etcd.issue(profile), prefix }, signal);
    clients.push(client);
    return client;
  };
  const root = async () => ({ endpoints: [etcd.server.url], tls: await etcd.issue(profiles.root()) });

  beforeAll(async () => {
    etcd = await startSecureEtcd();
    await applyRoles(await root(), principals, signal);
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await etcd?.server[Symbol.asyncDispose]();
  });

  test("applying the same roles again changes nothing", async () => {
    const before = await (await as(profiles.root())).raw.members(signal);
    await applyRoles(await root(), principals, signal);
    expect(await (await as(profiles.root())).raw.members(signal)).toEqual(before);
  });

  const all = Object.keys(FAMILIES) as Family[];
  const cases: readonly {
    readonly who: string;
    readonly profile: Profile;
    readonly reads: readonly Family[];
    readonly writes: readonly Family[];
  }[] = [
    { who: "the engine", profile: profiles.engine(), reads: all, writes: all },
    { who: "the bot", profile: profiles.bot(), reads: all, writes: ["botRequest", "botOwn"] },
    { who: "an operator", profile: profiles.operator("anna"), reads: all, writes: ["ownRequest"] },
    { who: "a machine's fleet", profile: profiles.operator(`api-${A}`), reads: all, writes: ["machineRequest"] },
    {
      who: "a machine",
      profile: profiles.machine(A, { ips: ["127.0.0.1"] }),
      reads: ["presence", "state", "schedule", "unitFile", "epoch"],
      writes: ["presence", "state"],
    },
    { who: "an unknown machine", profile: profiles.machine(B, { ips: ["127.0.0.1"] }), reads: [], writes: [] },
  ];
  test.each(cases)(
    "$who reads and writes what it may and is refused by name everywhere else",
    async ({ profile, reads, writes }) => {
      const client = await as(profile);
      const allowed = { reads: [] as string[], writes: [] as string[] };
      for (const [family, path] of Object.entries(FAMILIES)) {
        const named = [`${prefix}${path}`, profile.commonName];
        const reading = [
          await permitted(client.snapshot([path], signal), named),
          await permitted(begin(client.follow([path], {}, signal)), named),
          await permitted(client.transact({ when: [absent({ path })], then: [] }, signal), named),
          await permitted(client.transact({ when: [], then: [], thenRead: { it: { path, schema } } }, signal), named),
        ];
        const put = { kind: "put", path, json: "{}", lease: null } as const;
        const writing = [
          await permitted(client.transact({ when: [], then: [remove({ path })] }, signal), named),
          await permitted(client.transact({ when: [], then: [put] }, signal), named),
        ];
        // Every way there is to a key is open, or none.
        for (const ways of [reading, writing]) expect(new Set(ways).size, family).toBe(1);
        if (reading[0]) allowed.reads.push(family);
        if (writing[0]) allowed.writes.push(family);
      }
      expect(allowed).toEqual({ reads, writes });
    },
  );

  test("no family of the keyspace is missing above", () => {
    const tried = new Set(Object.values(FAMILIES).map((path) => parseKey(path)?.kind));
    for (const family of Object.keys(families)) expect([...tried]).toContain(family);
    for (const key of [keys.policy(), keys.epoch(), keys.auditHead(), keys.auditAnchor()])
      expect(Object.values(FAMILIES)).toContain(key.path);
  });

  test("what lies between two ranges, or over more than one, is refused like a key", async () => {
    const machine = await as(profiles.machine(A, { ips: ["127.0.0.1"] }));
    for (const path of ["", "agents/", "schedule/", `schedule/${A}`, `agents/${A}`, "requests/"])
      expect(await permitted(machine.snapshot([path], signal), [`${prefix}${path}`, `machine:${A}`]), path).toBe(false);
    const mixed = [
      { kind: "put", path: FAMILIES.presence, json: "{}", lease: null },
      { kind: "put", path: FAMILIES.unit, json: "{}", lease: null },
    ] as const;
    const writing = machine.transact({ when: [], then: mixed }, signal);
    expect(await permitted(writing, [`${prefix}${FAMILIES.unit}`, `machine:${A}`])).toBe(false);
    expect((await machine.snapshot([FAMILIES.presence], signal)).revision > 0n).toBe(true);
  });

  test("keys outside of Quarterdeck's are the operators' and nobody else's", async () => {
    const operator = await as(profiles.operator("anna"));
    for (const path of ["!first", "/message", "/quarterdeck-not", "/quarterdeck0", "~last"]) {
      await operator.raw.put(path, "hello", signal);
      expect((await operator.raw.get(path, signal))?.value).toBe("hello");
    }
    expect((await operator.raw.list("", signal)).map((entry) => entry.path)).toEqual(
      expect.arrayContaining(["!first", "/quarterdeck/epoch", "~last"]),
    );
    for (const profile of [profiles.bot(), profiles.engine(), profiles.machine(A, { ips: ["127.0.0.1"] })]) {
      const client = await as(profile);
      await expect(client.raw.get("/message", signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
    }
  });

  test("a denied follow throws, and the next one on the same stream works", async () => {
    const machine = await as(profiles.machine(A, { ips: ["127.0.0.1"] }));
    await using mirror = await machine.mirror([`schedule/${A}/`, "epoch"], signal);
    await expect(machine.mirror([`schedule/${B}/`], signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
    await expect(machine.mirror(["epoch", `schedule/${B}/`], signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
    const engine = await as(profiles.engine());
    const { revision } = await engine.transact(
      { when: [], then: [{ kind: "put", path: "epoch", json: '{"v":1,"epoch":9,"released":true}', lease: null }] },
      signal,
    );
    for await (const _ of mirror.changes(signal)) if (mirror.revision >= revision) break;
    await using other = await machine.mirror(["unit-files/"], signal);
    expect(other.revision >= revision).toBe(true);
  });

  test("each identity sees the members and leads, leases and submits as far as it must", async () => {
    for (const profile of [profiles.operator("anna"), profiles.bot(), profiles.engine()]) {
      const [member] = await (await as(profile)).raw.members(signal);
      expect(member).toMatchObject({ healthy: true, leader: true, version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    }
    const machine = await as(profiles.machine(A, { ips: ["127.0.0.1"] }));
    await using lease = await machine.grantLease({ ttlSeconds: 10 }, signal);
    const put = { kind: "put", path: FAMILIES.presence, json: "{}", lease: lease.id } as const;
    expect((await machine.transact({ when: [], then: [put] }, signal)).committed).toBe(true);
    const engine = await as(profiles.engine());
    const term = await engine.campaign(
      { election: "engine/another", value: { at: "2026-11-24T00:00:00.000Z" as Timestamp }, ttlSeconds: 10 },
      signal,
    );
    await term.resign();
  });

  test("a machine that joins later is let in", async () => {
    const machine = await as(profiles.machine(B, { ips: ["127.0.0.1"] }));
    await expect(machine.snapshot(["epoch"], signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
    await addMachineUser(await root(), { machine: B, prefix }, signal);
    await addMachineUser(await root(), { machine: B, prefix }, signal);
    expect((await machine.snapshot([`schedule/${B}/`, "epoch"], signal)).revision > 0n).toBe(true);
  });

  test("only root may turn access control on", async () => {
    const connection = { endpoints: [etcd.server.url], tls: await etcd.issue(profiles.engine()) };
    await expect(applyRoles(connection, principals, signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
  });

  test("a certificate of another authority, or none, is refused in one line that says so", async () => {
    const other = await createAuthority("Somebody else", new Date());
    const tls = {
      ca: (await etcd.issue(profiles.bot())).ca,
      ...(await other.issue(profiles.bot(), { now: new Date() })),
    };
    const stranger = await connectEtcd({ endpoints: [etcd.server.url], tls, prefix, callTimeoutMs: 1_500 }, signal);
    clients.push(stranger);
    await expect(stranger.snapshot(["epoch"], signal)).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
    const distrustful = await connectEtcd(
      {
        endpoints: [etcd.server.url],
        tls: { ...(await etcd.issue(profiles.bot())), ca: other.cert },
        prefix,
        callTimeoutMs: 1_500,
      },
      signal,
    );
    clients.push(distrustful);
    await expect(distrustful.snapshot(["epoch"], signal)).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
    const broken = { endpoints: [etcd.server.url], tls: { ca: "/nowhere.pem", cert: "x", key: "y" }, prefix };
    await expect(connectEtcd(broken, signal)).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
  });

  test("a certificate that is good, but of another host, is not taken", async () => {
    const elsewhere = await startSecureEtcd("10.9.9.9");
    const options = {
      endpoints: [elsewhere.server.url],
      tls: await elsewhere.issue(profiles.bot()),
      prefix,
      callTimeoutMs: 1_500,
    };
    const client = await connectEtcd(options, signal);
    clients.push(client);
    await expect(client.snapshot(["epoch"], signal)).rejects.toMatchObject({ code: "INVALID_CERTIFICATE" });
    await elsewhere.server[Symbol.asyncDispose]();
  });
});

/** Resolves with the first event. */
async function begin(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) return;
}

/** Whether it was allowed; a refusal must name all of `names`. */
async function permitted(call: Promise<unknown>, names: readonly string[]): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "ETCD_FORBIDDEN" });
    for (const name of names) expect(String(error)).toContain(name);
    return false;
  }
}
