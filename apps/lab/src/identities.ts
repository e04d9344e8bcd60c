import { X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import {
  createAuthority,
  loadAuthority,
  profiles,
  type Authority,
  type Credential,
  type Profile,
} from "@quarterdeck/pki";
import type { LabHome } from "./home.ts";
import { machineName, type MachineRecord } from "./machine/machine-record.ts";

/** Certificates are made anew this long before they end, so that none ends while a lab runs. */
const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;

/** The identities of one machine, by role, as Ignition delivers them. */
type MachineIdentities = Readonly<Record<"machine" | "api" | "bot", Credential>> &
  Readonly<Partial<Record<"etcd" | "peer" | "engine", Credential>>>;

/** Every certificate of a lab: kept in `$QUARTERDECK_HOME/pki`, so that they stay the same over restarts. */
export type Identities = {
  /** The authority of everybody but etcd's peers, who have their own. */
  readonly ca: string;
  readonly peerCa: string;
  /** etcd's superuser; it never leaves this computer's lab. */
  readonly root: Credential;
  readonly operator: Credential & {
    readonly principal: string;
    /** The principal without its `operator:`. */ readonly name: string;
    readonly certPath: string;
    readonly keyPath: string;
    readonly caPath: string;
  };
  readonly registry: Credential & { readonly certPath: string; readonly keyPath: string };
  ofMachine(record: MachineRecord, address: string): Promise<MachineIdentities>;
};

/** Reads or makes them. `registryAddress` is what `registry.lab` resolves to. */
export async function openIdentities(home: LabHome, registryAddress: string, now: Date): Promise<Identities> {
  const at = (name: string): string => join(home.pki, name);
  const authority = await keepAuthority(at("ca"), "Quarterdeck local", now);
  const peerAuthority = await keepAuthority(at("peer-ca"), "Quarterdeck local peers", now);
  const operatorName =
    userInfo()
      .username.replaceAll(/[^a-zA-Z0-9_.@-]/g, "-")
      .slice(0, 55) || "operator";
  const keep = (name: string, profile: Profile): Promise<Credential> =>
    keepCredential(at(name), authority, profile, now);
  return {
    ca: authority.cert,
    peerCa: peerAuthority.cert,
    root: await keep("root", profiles.root()),
    operator: {
      ...(await keep("operator", profiles.operator(operatorName))),
      principal: `operator:${operatorName}`,
      name: operatorName,
      certPath: at("operator.pem"),
      keyPath: at("operator-key.pem"),
      caPath: at("ca.pem"),
    },
    registry: {
      ...(await keep("registry", profiles.server("registry.lab", { ips: [registryAddress] }))),
      certPath: at("registry.pem"),
      keyPath: at("registry-key.pem"),
    },
    async ofMachine(record, address) {
      const name = machineName(record);
      const names = { dns: [name, "localhost"], ips: [address, "127.0.0.1"] };
      const own = (role: string, profile: Profile): Promise<Credential> => keep(join("machines", name, role), profile);
      const everywhere = {
        machine: await own("machine", profiles.machine(record.machine, names)),
        api: await own("api", profiles.operator(`api-${record.machine}`)),
        bot: await own("bot", profiles.bot()),
      };
      if (record.role === "worker") return everywhere;
      return {
        ...everywhere,
        etcd: await own("etcd", profiles.etcd(names)),
        engine: await own("engine", profiles.engine(names)),
        peer: await keepCredential(at(join("machines", name, "peer")), peerAuthority, profiles.peer(names), now),
      };
    },
  };
}

async function keepAuthority(path: string, commonName: string, now: Date): Promise<Authority> {
  const kept = await readCredential(path);
  if (kept !== null) return loadAuthority(kept);
  const made = await createAuthority(commonName, now);
  await writeCredential(path, made);
  return made;
}

async function keepCredential(path: string, authority: Authority, profile: Profile, now: Date): Promise<Credential> {
  const wanted = `${JSON.stringify(profile)}\n`;
  const kept = await readCredential(path);
  if (
    kept !== null &&
    (await readFile(`${path}.profile`, "utf8").catch(() => "")) === wanted &&
    isGood(kept, authority, now)
  )
    return kept;
  const made = await authority.issue(profile, { now });
  await writeCredential(path, made);
  await writeFile(`${path}.profile`, wanted);
  return made;
}

function isGood(credential: Credential, authority: Authority, now: Date): boolean {
  const certificate = new X509Certificate(credential.cert);
  const signedByIt = certificate.verify(new X509Certificate(authority.cert).publicKey);
  return signedByIt && certificate.validToDate.getTime() - now.getTime() > RENEW_BEFORE_MS;
}

async function readCredential(path: string): Promise<Credential | null> {
  const [cert, key] = await Promise.all(
    [`${path}.pem`, `${path}-key.pem`].map((file) => readFile(file, "utf8").catch(() => null)),
  );
  return typeof cert === "string" && typeof key === "string" ? { cert, key } : null;
}

async function writeCredential(path: string, credential: Credential): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // The key first: a certificate without its key would look complete to nobody.
  await writeFile(`${path}-key.pem`, credential.key, { mode: 0o600 });
  await writeFile(`${path}.pem`, credential.cert);
}
