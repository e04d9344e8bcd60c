import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority, profiles, type Profile } from "@quarterdeck/pki";
import type { TlsMaterial } from "../client.ts";
import { startEtcd, type EtcdServer } from "./etcd-server.ts";

export type SecureEtcd = {
  readonly server: EtcdServer;
  /** A client certificate of the same authority, as PEM texts; for a year, or so many days. */
  issue(profile: Profile, days?: number): Promise<TlsMaterial>;
};

/**
 * An etcd that takes clients by certificate only; access control is off until somebody turns it on. Its certificate is for `address`; `onDisk` as
 * for {@link startEtcd}.
 */
export async function startSecureEtcd(address = "127.0.0.1", onDisk?: string): Promise<SecureEtcd> {
  const now = new Date();
  const authority = await createAuthority("Quarterdeck test", now);
  const directory = await mkdtemp(join(onDisk ?? tmpdir(), "quarterdeck-etcd-"));
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const member = await authority.issue(profiles.etcd({ ips: [address] }), { now });
  const tls = {
    clientCa: await file("ca.pem", authority.cert),
    cert: await file("etcd.pem", member.cert),
    key: await file("etcd-key.pem", member.key),
  };
  const server = await startEtcd({ tls, directory, ...(onDisk === undefined ? {} : { onDisk }) });
  return {
    server,
    issue: async (profile, days = 365) => ({
      ca: authority.cert,
      ...(await authority.issue(profile, { now, days })),
    }),
  };
}
