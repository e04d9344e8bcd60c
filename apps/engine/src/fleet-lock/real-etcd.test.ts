import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyRoles, connectEtcd, keys, put, ranges, type EtcdClient } from "@quarterdeck/etcd";
import { findEtcd, HOW_TO_GET_ETCD, startSecureEtcd, type SecureEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runEngine } from "../engine.ts";
import { absentRegistry } from "../registry/absent-registry.ts";
import { createSystemClock } from "../system-clock.ts";
import { M1, presenceFacts } from "../testing/facts.ts";
import { CA, engineSigner } from "../testing/signing.ts";
import { deriveFleetLockId } from "./derive-fleet-lock-id.ts";
import { runFleetLock } from "./run-fleet-lock.ts";

const prefix = "/quarterdeck/";

describe.skipIf(findEtcd() === null)(`FleetLock on a real etcd (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  const ended = new AbortController();
  const running: Promise<void>[] = [];
  let secure: SecureEtcd;
  let folder: string;
  let root: EtcdClient;
  let ca: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fleet-lock-"));
    secure = await startSecureEtcd();
    const tls = await secure.issue(profiles.root());
    ca = tls.ca;
    const principals = { machines: [M1], operators: ["anna"], prefix };
    await applyRoles({ endpoints: [secure.server.url], tls }, principals, ended.signal);
    root = await connectEtcd({ endpoints: [secure.server.url], tls, prefix }, ended.signal);
    await root.transact({ when: [], then: [put(keys.presence(M1), presenceFacts(M1))] }, ended.signal);
  }, 60_000);
  afterAll(async () => {
    ended.abort();
    await Promise.allSettled(running);
    await root?.[Symbol.asyncDispose]();
    await secure?.server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** An engine with its own certificate and a port that is free; answers where it listens. */
  async function startEngine(hostname: string): Promise<{ readonly port: number; readonly roles: readonly string[] }> {
    const pem = await secure.issue(profiles.engine({ ips: ["127.0.0.1"] }));
    const path = (name: string): string => join(folder, `${hostname}-${name}.pem`);
    const tls = { ca: path("ca"), cert: path("cert"), key: path("key") };
    for (const name of ["ca", "cert", "key"] as const) await writeFile(tls[name], pem[name], { mode: 0o600 });
    const etcd = await connectEtcd({ endpoints: [secure.server.url], tls, prefix }, ended.signal);
    const clock = createSystemClock();
    const roles: string[] = [];
    const listening = Promise.withResolvers<number>();
    const log = {
      info: (fields: Readonly<Record<string, unknown>>, message: string) => {
        if (message === "answers FleetLock") listening.resolve(Number(fields["port"]));
      },
      warn: () => {},
      error: (fields: Readonly<Record<string, unknown>>, message: string) =>
        listening.reject(new Error(`${message} ${JSON.stringify(fields)}`)),
    };
    const config = { machine: { address: "127.0.0.1" }, engine: { port: 0 } } as Parameters<
      typeof runFleetLock
    >[0]["config"];
    running.push(
      runEngine(
        {
          etcd,
          clock,
          log,
          registry: absentRegistry("none"),
          signer: engineSigner(running.length),
          clusterCa: async () => CA,
          auditLimits: { keepEntries: 1000, keepMs: 86_400_000 },
          onRole: (role) => void roles.push(role),
          self: { machine: hostname, hostname },
          seed: null,
          serve: (mirror, signal) => runFleetLock({ config, tls, etcd, mirror, clock, log }, signal),
          rebootLimits: { slots: 1, overdueSeconds: 1800, etcdHosts: new Set() },
          // Longer than a mirror waits for word from an etcd where nothing happens: 2 s.
          limits: { graceMs: 100, ttlMs: 5000 },
          leaderTtlSeconds: 5,
        },
        ended.signal,
      ),
    );
    return { port: await listening.promise, roles };
  }

  async function ask(port: number, path: string, machine: MachineId): Promise<{ status: number; text: string }> {
    const body = JSON.stringify({ client_params: { id: deriveFleetLockId(machine), group: "default" } });
    const headers = { "fleet-lock-protocol": "true" };
    return new Promise((resolve, reject) => {
      const asking = request(
        { host: "127.0.0.1", port, path, method: "POST", headers, ca, agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (text += chunk));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      asking.on("error", reject);
      asking.end(body);
    });
  }

  test("fleet #1232: an engine that does not lead takes a machine's wish, the leader lets it go, and any of them hears that it is back", async () => {
    const leader = await startEngine("m1");
    await expect.poll(() => leader.roles.at(-1), { timeout: 20_000 }).toBe("leader");
    const standby = await startEngine("m2");
    await expect
      .poll(async () => (await root.list(ranges.machines, ended.signal)).entries.length, { timeout: 20_000 })
      .toBe(1);
    await expect
      .poll(async () => (await ask(standby.port, "/v1/pre-reboot", M1)).status, { timeout: 30_000 })
      .toBe(200);
    expect(standby.roles).toEqual(["standby"]);
    const group = (await root.get(keys.rebootGroup("default"), ended.signal))?.value;
    expect(group).toMatchObject({ holders: [{ machine: M1, phase: "rebooting" }], waiting: [] });
    expect(await ask(leader.port, "/v1/pre-reboot", M1)).toMatchObject({ status: 200 });
    expect(await ask(leader.port, "/v1/pre-reboot", "9".repeat(32) as MachineId)).toMatchObject({ status: 403 });

    expect(await ask(standby.port, "/v1/steady-state", M1)).toMatchObject({ status: 200 });
    expect(await root.get(keys.rebootGroup("default"), ended.signal)).toBeNull();
    expect((await root.get(keys.machine(M1), ended.signal))?.value.cordoned).toBe(false);
    const acts = (await root.list(ranges.audit, ended.signal)).entries.map(({ value }) => value.act);
    expect(acts.filter((act) => act.startsWith("reboot"))).toEqual([
      "reboot",
      "reboot-draining",
      "reboot-granted",
      "reboot",
      "reboot-released",
    ]);
  });
});
