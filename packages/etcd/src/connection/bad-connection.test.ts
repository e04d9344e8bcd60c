import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createAuthority, profiles, type Authority, type Credential } from "@quarterdeck/pki";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TlsMaterial } from "../client.ts";
import { startEtcd, freePort, type EtcdServer } from "../testing/etcd-server.ts";
import { FaultProxy } from "../testing/fault-proxy.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { startSecureEtcd, type SecureEtcd } from "../testing/secure-etcd.ts";
import { connectEtcd } from "./connect-etcd.ts";

const signal = AbortSignal.timeout(120_000);
const now = new Date();
const DAY_MS = 86_400_000;
/** Over before it can be used. */
const NO_TIME = 1 / DAY_MS;
const LOCAL = profiles.etcd({ ips: ["127.0.0.1"] });

type Target = { readonly url: string; readonly tls: TlsMaterial | null };
type Case = readonly [
  title: string,
  make: () => Promise<Target>,
  code: "ETCD_UNREACHABLE" | "INVALID_CERTIFICATE",
  /** Continues "etcd at <endpoint> " in the answer to a call. */
  says: RegExp,
  failedAt: "name" | "tcp" | "tls" | "etcd",
];

let ours: Authority;
let me: TlsMaterial;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  ours = await createAuthority("ours", now);
  me = { ca: ours.cert, ...(await ours.issue(profiles.operator("me"), { now })) };
});
afterAll(() => Promise.all(closing.map((close) => close())));

const listen = async (server: Server): Promise<string> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const showing = async (credential: Credential): Promise<Target> => {
  const server = createTlsServer(credential, (socket) => socket.on("error", () => {}));
  return { url: `https://${await listen(server)}`, tls: me };
};
const httpServer = (): Promise<string> =>
  listen(createHttpServer((_, response) => response.writeHead(404).end("not here")));
const sshServer = (): Promise<string> => listen(createServer((socket) => socket.write("SSH-2.0-OpenSSH_9.2p1\r\n")));
const muteServer = (): Promise<string> => listen(createServer((socket) => socket.resume()));

const held = ([title, make, code, says, failedAt]: Case): void => {
  test.concurrent(`${title}: one line with the endpoint, the reason and what to try`, async () => {
    const { url, tls } = await make();
    await using client = await connectEtcd(
      { endpoints: [url], tls, prefix: "/quarterdeck/", callTimeoutMs: 3_000 },
      signal,
    );
    const error: unknown = await client.raw.get("/key", signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, problem: { try: expect.stringMatching(/./) } });
    const message = (error as Error).message;
    const start = `cannot read /key: etcd at ${url} `;
    expect(message.startsWith(start)).toBe(true);
    expect(message.slice(start.length)).toMatch(says);
    expect(message).not.toContain("\n");

    const [member, ...others] = await client.health(signal);
    expect(others).toEqual([]);
    expect(member).toMatchObject({
      endpoint: url,
      failedAt,
      healthy: false,
      problem: { code, message: expect.stringContaining(url), try: expect.stringMatching(/./) },
    });
  });
};

describe("an endpoint that is not etcd's", { timeout: 60_000 }, () => {
  const name = `${"x".repeat(64)}.invalid`;
  const cases: readonly Case[] = [
    [
      "nobody listens",
      async () => ({ url: `https://127.0.0.1:${await freePort()}`, tls: me }),
      "ETCD_UNREACHABLE",
      /^is not there: nothing listens \(ECONNREFUSED\)$/,
      "tcp",
    ],
    [
      "a name that nobody knows",
      // Too long for a question to a name server: it is answered here.
      async () => ({ url: `https://${name}:2379`, tls: me }),
      "ETCD_UNREACHABLE",
      new RegExp(`^cannot be found: the name ${name} is not known$`),
      "name",
    ],
    [
      "an HTTP server, asked with TLS",
      async () => ({ url: `https://${await httpServer()}`, tls: me }),
      "ETCD_UNREACHABLE",
      /^ends the connection before any certificate is shown: it speaks http, or is no etcd$/,
      "tls",
    ],
    [
      "an HTTP server, asked without",
      async () => ({ url: `http://${await httpServer()}`, tls: null }),
      "ETCD_UNREACHABLE",
      // By when its answer comes, in another protocol, before the deadline or after.
      /^answers, but not as etcd does$|or is no etcd$/,
      "etcd",
    ],
    [
      "an SSH server, asked with TLS",
      async () => ({ url: `https://${await sshServer()}`, tls: me }),
      "ETCD_UNREACHABLE",
      /^ends the connection before any certificate is shown: it speaks http, or is no etcd$/,
      "tls",
    ],
    [
      "an SSH server, asked without",
      async () => ({ url: `http://${await sshServer()}`, tls: null }),
      "ETCD_UNREACHABLE",
      /^answers, but not as etcd does$/,
      "etcd",
    ],
    [
      "a TLS handshake that hangs",
      async () => ({ url: `https://${await muteServer()}`, tls: me }),
      "ETCD_UNREACHABLE",
      /^does not answer: /,
      "tls",
    ],
    [
      "one that is connected and silent",
      async () => ({ url: `http://${await muteServer()}`, tls: null }),
      "ETCD_UNREACHABLE",
      /^does not answer: /,
      "etcd",
    ],
  ];
  for (const each of cases) held(each);
});

describe("a member with a certificate that is not to be trusted", { timeout: 60_000 }, () => {
  const cases: readonly Case[] = [
    [
      "expired",
      async () => showing(await ours.issue(LOCAL, { now, days: NO_TIME })),
      "INVALID_CERTIFICATE",
      /^shows a certificate that has expired \(our clock says /,
      "tls",
    ],
    [
      "not yet valid",
      async () => showing(await ours.issue(LOCAL, { now: new Date(now.getTime() + 30 * DAY_MS) })),
      "INVALID_CERTIFICATE",
      /^shows a certificate that is not valid yet \(our clock says /,
      "tls",
    ],
    [
      "of another machine",
      async () => showing(await ours.issue(profiles.etcd({ ips: ["127.0.0.9"] }), { now })),
      "INVALID_CERTIFICATE",
      /^shows a certificate of another machine: 127\.0\.0\.9$/,
      "tls",
    ],
    [
      "of another authority",
      async () => showing(await (await createAuthority("theirs", now)).issue(LOCAL, { now })),
      "INVALID_CERTIFICATE",
      /^shows a certificate of another authority than ours$/,
      "tls",
    ],
  ];
  for (const each of cases) held(each);
});

describe.skipIf(findEtcd() === null)(`a real etcd (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let secure: SecureEtcd;
  let plain: EtcdServer;
  beforeAll(async () => {
    [secure, plain] = await Promise.all([startSecureEtcd(), startEtcd()]);
  });
  afterAll(async () => {
    await secure.server[Symbol.asyncDispose]();
    await plain[Symbol.asyncDispose]();
  });
  const shown = async (issued: Promise<TlsMaterial>): Promise<Target> => ({
    url: secure.server.url,
    tls: await issued,
  });
  const cases: readonly Case[] = [
    [
      "asked by http where it wants https",
      async () => ({ url: secure.server.url.replace("https:", "http:"), tls: null }),
      "ETCD_UNREACHABLE",
      /^ends the connection at once: it may want https and a certificate$/,
      "etcd",
    ],
    [
      "asked by https where it wants http",
      async () => ({ url: plain.url.replace("http:", "https:"), tls: me }),
      "ETCD_UNREACHABLE",
      /^ends the connection before any certificate is shown: it speaks http, or is no etcd$/,
      "tls",
    ],
    [
      "shown a certificate of ours that has expired",
      () => shown(secure.issue(profiles.operator("me"), NO_TIME)),
      "INVALID_CERTIFICATE",
      /^does not take our certificate, which expired at \d{4}-.*\(given as text\)$/,
      "tls",
    ],
    [
      "shown a certificate of ours from another authority",
      async () => ({ url: secure.server.url, tls: { ...me, ca: (await secure.issue(profiles.bot())).ca } }),
      "INVALID_CERTIFICATE",
      /^does not take our certificate: another authority issued it/,
      "tls",
    ],
    [
      "shown a certificate of ours that is not for clients",
      () => shown(secure.issue(profiles.server("registry.lab"))),
      "INVALID_CERTIFICATE",
      /^does not take our certificate: .* it is not one for clients/,
      "tls",
    ],
    [
      "behind a black hole",
      async () => {
        const proxy = await FaultProxy.start(secure.server.url);
        closing.push(() => proxy[Symbol.asyncDispose]());
        proxy.goDark();
        return { url: proxy.url, tls: await secure.issue(profiles.bot()) };
      },
      "ETCD_UNREACHABLE",
      /^does not answer: it is stopped or cut off/,
      "tls",
    ],
  ];
  for (const each of cases) held(each);
});
