import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { MachineId } from "@quarterdeck/model";
import { beforeAll, describe, expect, test } from "vitest";
import { createAuthority, type Authority } from "./authority.ts";
import type { Credential } from "./credential.ts";
import { profiles } from "./profiles.ts";

// A real clock: TLS checks validity against it.
const now = new Date();
const machine = "0123456789abcdef0123456789abcdef" as MachineId;
const local = { dns: ["localhost"], ips: ["127.0.0.1"] };

let clients: Authority;
let peers: Authority;
beforeAll(async () => {
  clients = await createAuthority("Quarterdeck test", now);
  peers = await createAuthority("Quarterdeck test peers", now);
});

type Side = { readonly credential: Credential | undefined; readonly trusts: Authority };
type Outcome =
  | { readonly serverName: string; readonly clientName: string }
  | { readonly refusedBy: "server" | "client"; readonly code: string };

/**
 * One handshake with mutual authentication; tells whom each side took the other for, or which side refused and why.
 * In TLS 1.3 the client is through before the server judges its certificate, so each verdict is asked of its own side.
 */
async function shakeHands(server: Side, client: Side): Promise<Outcome> {
  const listener = createServer({
    ...server.credential,
    ca: server.trusts.cert,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
  });
  const seenByServer = new Promise<TLSSocket>((resolve) => listener.once("secureConnection", resolve));
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const socket = connect({
    ...client.credential,
    ca: client.trusts.cert,
    host: "127.0.0.1",
    port,
    servername: "localhost",
  });
  try {
    await once(socket, "secureConnect");
    const serverName = String(socket.getPeerCertificate().subject.CN);
    const accepted = await seenByServer;
    // Typed as an Error, yet Node sets the verification's code as a plain string.
    if (!accepted.authorized) return { refusedBy: "server", code: String(accepted.authorizationError) };
    return { serverName, clientName: String(accepted.getPeerCertificate().subject.CN) };
  } catch (error) {
    return { refusedBy: "client", code: (error as NodeJS.ErrnoException).code ?? String(error) };
  } finally {
    socket.destroy();
    listener.close();
    await once(listener, "close");
  }
}

describe("in a real TLS handshake", () => {
  test("each side knows the other by its exact common name", async () => {
    const server = { credential: await clients.issue(profiles.machine(machine, local), { now }), trusts: clients };
    const client = { credential: await clients.issue(profiles.operator("ada"), { now }), trusts: clients };
    expect(await shakeHands(server, client)).toEqual({ serverName: `machine:${machine}`, clientName: "operator:ada" });
  });

  test.each(["machine", "etcd", "peer", "engine", "bot", "root"] as const)(
    "a credential of %s is taken from a client",
    async (role) => {
      const profile =
        role === "machine"
          ? profiles.machine(machine, local)
          : role === "bot" || role === "root"
            ? profiles[role]()
            : profiles[role](local);
      const server = { credential: await clients.issue(profiles.etcd(local), { now }), trusts: clients };
      const client = { credential: await clients.issue(profile, { now }), trusts: clients };
      expect(await shakeHands(server, client)).toEqual({ serverName: "etcd", clientName: profile.commonName });
    },
  );

  test("two etcd peers take each other's certificate, as server and as client", async () => {
    const first = { credential: await peers.issue(profiles.peer(local), { now }), trusts: peers };
    const second = { credential: await peers.issue(profiles.peer(local), { now }), trusts: peers };
    expect(await shakeHands(first, second)).toEqual({ serverName: "etcd", clientName: "etcd" });
  });

  test("the peers' authority does not vouch for a client, nor the clients' for a peer", async () => {
    const server = { credential: await clients.issue(profiles.etcd(local), { now }), trusts: clients };
    const peer = { credential: await peers.issue(profiles.peer(local), { now }), trusts: clients };
    expect(await shakeHands(server, peer)).toEqual({ refusedBy: "server", code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    const peerServer = { credential: await peers.issue(profiles.peer(local), { now }), trusts: peers };
    const root = { credential: await clients.issue(profiles.root(), { now }), trusts: peers };
    expect(await shakeHands(peerServer, root)).toEqual({
      refusedBy: "server",
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
  });

  test("a server of another authority is refused by the client", async () => {
    const server = { credential: await peers.issue(profiles.etcd(local), { now }), trusts: clients };
    const client = { credential: await clients.issue(profiles.bot(), { now }), trusts: clients };
    expect(await shakeHands(server, client)).toEqual({ refusedBy: "client", code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  });

  test("a client without a certificate is refused by the server", async () => {
    const server = { credential: await clients.issue(profiles.etcd(local), { now }), trusts: clients };
    expect(await shakeHands(server, { credential: undefined, trusts: clients })).toEqual({
      refusedBy: "server",
      code: "UNABLE_TO_GET_ISSUER_CERT",
    });
  });

  test("a server of another name, and a client that plays the server, are refused", async () => {
    const client = { credential: await clients.issue(profiles.bot(), { now }), trusts: clients };
    const other = { credential: await clients.issue(profiles.etcd({ dns: ["m2"] }), { now }), trusts: clients };
    expect(await shakeHands(other, client)).toEqual({ refusedBy: "client", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(
      await shakeHands({ credential: await clients.issue(profiles.bot(), { now }), trusts: clients }, client),
    ).toEqual({ refusedBy: "client", code: "INVALID_PURPOSE" });
  });

  test("a server may not play the client", async () => {
    const server = { credential: await clients.issue(profiles.etcd(local), { now }), trusts: clients };
    const registry = { credential: await clients.issue(profiles.server("registry.lab"), { now }), trusts: clients };
    expect(await shakeHands(server, registry)).toEqual({ refusedBy: "server", code: "INVALID_PURPOSE" });
  });

  test("an expired certificate is refused", async () => {
    const past = new Date(now.getTime() - 3 * 86_400_000);
    const old = await createAuthority("Quarterdeck past", past);
    const server = { credential: await old.issue(profiles.etcd(local), { now: past, days: 1 }), trusts: old };
    const client = { credential: await old.issue(profiles.bot(), { now: past }), trusts: old };
    expect(await shakeHands(server, client)).toEqual({ refusedBy: "client", code: "CERT_HAS_EXPIRED" });
  });
});
