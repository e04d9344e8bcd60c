import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EtcdClient } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import { createAuthority, profiles } from "@quarterdeck/pki";
import { expect, test } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { runFleetLock, type FleetLockRun } from "./run-fleet-lock.ts";

test("a port that is taken is said and tried again until it can be had, and what the engine does goes on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fleet-lock-"));
  const ended = new AbortController();
  const blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  try {
    const { port } = blocker.address() as { port: number };
    const now = new Date();
    const authority = await createAuthority("engine test", now);
    const { cert, key } = await authority.issue(profiles.engine({ ips: ["127.0.0.1"] }), { now });
    const tls = { ca: join(folder, "ca.pem"), cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    await Promise.all([writeFile(tls.ca, authority.cert), writeFile(tls.cert, cert), writeFile(tls.key, key)]);
    const etcd = fakeEtcd() as EtcdClient;
    const clock = createFakeClock();
    const said: string[] = [];
    const note = (_: unknown, message: string) => void said.push(message);
    const config = { machine: { address: "127.0.0.1" }, engine: { port } } as FleetLockRun["config"];
    const log = { info: note, warn: note, error: note };
    const mirror = await etcd.mirror(["machines/"], ended.signal);
    const running = runFleetLock({ config, tls, etcd, mirror, clock, log }, ended.signal);
    await expect.poll(() => said).toEqual(["FleetLock cannot be answered, trying again"]);
    blocker.close();
    await once(blocker, "close");
    clock.advance(10_000);
    await expect.poll(() => said.at(-1)).toBe("answers FleetLock");
    ended.abort();
    await running;
  } finally {
    ended.abort();
    blocker.close();
    await rm(folder, { recursive: true });
  }
});
