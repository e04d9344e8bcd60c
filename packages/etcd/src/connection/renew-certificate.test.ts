import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { profiles } from "@quarterdeck/pki";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRoles } from "../access/apply-roles.ts";
import type { EtcdClient, TlsMaterial } from "../client.ts";
import type { CertificateMessage } from "../telemetry.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { startSecureEtcd, type SecureEtcd } from "../testing/secure-etcd.ts";
import { connectEtcd } from "./connect-etcd.ts";

const signal = AbortSignal.timeout(120_000);
/** Over before it can be used. */
const NO_TIME = 1 / 86_400_000;
/** A look at the files every 2 s, on a busy machine. */
const SOON = { timeout: 20_000, interval: 100 };

describe.skipIf(findEtcd() === null)(`certificate files that change (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let etcd: SecureEtcd;
  let directory: string;
  let files: TlsMaterial;
  let seen: CertificateMessage[];
  const note = (message: unknown): void => void seen.push(message as CertificateMessage);

  beforeEach(async () => {
    etcd = await startSecureEtcd();
    directory = await mkdtemp(join(tmpdir(), "quarterdeck-etcd-"));
    files = { ca: join(directory, "ca.pem"), cert: join(directory, "me.pem"), key: join(directory, "me-key.pem") };
    seen = [];
    subscribe("quarterdeck.etcd.certificate", note);
  });
  afterEach(async () => {
    unsubscribe("quarterdeck.etcd.certificate", note);
    await etcd.server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const replace = async (part: keyof TlsMaterial, material: TlsMaterial): Promise<void> => {
    await writeFile(`${files[part]}.new`, material[part], { mode: 0o600 });
    await rename(`${files[part]}.new`, files[part]);
  };
  const replaceAll = async (material: TlsMaterial): Promise<void> => {
    for (const part of ["ca", "cert", "key"] as const) await replace(part, material);
  };
  const connect = (): Promise<EtcdClient> =>
    connectEtcd({ endpoints: [etcd.server.url], tls: files, prefix: "/quarterdeck/", callTimeoutMs: 3_000 }, signal);

  test("are taken up without dropping a follow or a lease, and etcd takes us for whom they name", async () => {
    const root = { endpoints: [etcd.server.url], tls: await etcd.issue(profiles.root()) };
    await applyRoles(root, { machines: [], operators: ["anna"], prefix: "/quarterdeck/" }, signal);
    await replaceAll(await etcd.issue(profiles.operator("anna")));
    await using client = await connect();
    await using writer = await connectEtcd(
      { endpoints: [etcd.server.url], tls: await etcd.issue(profiles.engine()), prefix: "/quarterdeck/" },
      signal,
    );
    const write = (epoch: number): Promise<unknown> =>
      writer.transact(
        {
          when: [],
          then: [{ kind: "put", path: "epoch", json: JSON.stringify({ v: 1, epoch, released: true }), lease: null }],
        },
        signal,
      );
    const mayActAsEngine = async (): Promise<boolean> => {
      const then = [{ kind: "put", path: "machines/probe", json: "{}", lease: null } as const];
      const when = [
        { kind: "present", path: "epoch" },
        { kind: "absent", path: "epoch" },
      ] as const;
      return client.transact({ when, then }, signal).then(
        () => true,
        () => false,
      );
    };
    const over = new AbortController();
    const events: string[] = [];
    const following = (async () => {
      for await (const event of client.follow(["epoch"], {}, over.signal)) events.push(event.kind);
    })();
    await using lease = await client.grantLease({ ttlSeconds: 10 }, signal);
    await expect.poll(() => events, SOON).toEqual(["reset"]);
    await write(1);
    await expect.poll(() => events, SOON).toEqual(["reset", "batch"]);
    expect(await mayActAsEngine()).toBe(false);

    await replaceAll(await etcd.issue(profiles.engine()));
    await expect.poll(mayActAsEngine, SOON).toBe(true);
    expect(seen.at(-1)).toMatchObject({ outcome: "renewed", principal: "engine" });
    await write(2);
    await expect.poll(() => events, SOON).toEqual(["reset", "batch", "batch"]);
    expect(lease.lost.aborted).toBe(false);
    over.abort();
    await following;
  });

  test("change nothing while only half of a pair is there, and say why", async () => {
    await replaceAll(await etcd.issue(profiles.operator("anna")));
    await using client = await connect();
    await client.raw.put("/key", "1", signal);
    const next = await etcd.issue(profiles.operator("ben"));
    await replace("cert", next);
    await expect
      .poll(() => seen.at(-1), SOON)
      .toMatchObject({ outcome: "refused", why: expect.stringContaining("does not belong to the certificate") });
    await client.raw.put("/key", "2", signal);
    await replace("key", next);
    await expect.poll(() => seen.at(-1), SOON).toMatchObject({ outcome: "renewed", principal: "operator:ben" });
    await client.raw.put("/key", "3", signal);
  });

  test("end an outage by an expired certificate without a restart", async () => {
    await replaceAll(await etcd.issue(profiles.operator("anna"), NO_TIME));
    await using client = await connect();
    await expect(client.raw.get("/key", signal)).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
      message: expect.stringMatching(/which expired at .*me\.pem/),
    });
    await replaceAll(await etcd.issue(profiles.operator("anna")));
    // Not after the next look: a call that fails over certificates looks at their files itself.
    expect(await client.raw.get("/key", signal)).toBeNull();
  });
});
