import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findEtcd, HOW_TO_GET_ETCD } from "./find-etcd.ts";

/** PEM files of a member that takes clients by certificate only; `clientCa` signs those. */
type ServerTls = { readonly clientCa: string; readonly cert: string; readonly key: string };

export type EtcdServerOptions = {
  readonly name?: string;
  readonly tls?: ServerTls;
  /** Takes over the data of a server that was killed. */
  readonly directory?: string;
  readonly ports?: { readonly client: number; readonly peer: number };
  /** `name=peer url,…`; itself alone by default. */
  readonly initialCluster?: string;
  readonly clusterToken?: string;
};

const running = new Set<ChildProcess>();
// A test run that ends early must not leave servers behind.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** One etcd process on 127.0.0.1, gone with its data when disposed. */
export class EtcdServer {
  readonly url: string;
  readonly directory: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(url: string, directory: string, child: ChildProcess) {
    this.url = url;
    this.directory = directory;
    this.#process = child;
    this.#exited = once(child, "exit").then(() => running.delete(child));
    running.add(child);
  }

  /** SIGSTOP: the sockets stay open and nobody answers. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** kill -9; the data stays until this is disposed, or for a successor. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await this.#exited;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Starts one member and returns when its client port is open; a single one is ready to serve then. */
export async function startEtcd(options: EtcdServerOptions = {}): Promise<EtcdServer> {
  const binaries = findEtcd();
  if (binaries === null) throw new Error(HOW_TO_GET_ETCD);
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "quarterdeck-etcd-")));
  const ports = options.ports ?? { client: await freePort(), peer: await freePort() };
  const name = options.name ?? "m1";
  const client = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${ports.client}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  const { tls } = options;
  const flags = {
    name,
    "data-dir": join(directory, "data"),
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": options.initialCluster ?? `${name}=${peer}`,
    "initial-cluster-token": options.clusterToken ?? "quarterdeck-test",
    "heartbeat-interval": "50",
    "election-timeout": "500",
    "log-level": "fatal",
    "unsafe-no-fsync": "true",
    ...(tls === undefined
      ? {}
      : { "client-cert-auth": "true", "trusted-ca-file": tls.clientCa, "cert-file": tls.cert, "key-file": tls.key }),
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn(join(binaries, "etcd"), args, { stdio: ["ignore", "ignore", "inherit"] });
  const server = new EtcdServer(client, directory, child);
  await listening(ports.client, child);
  return server;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** etcd has no other sign of readiness than its port, which it opens once it is part of a cluster with a leader. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error(`etcd ended with ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((resolve) =>
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false)),
    );
    socket.destroy();
    if (open === true) return;
    await wait(50);
  }
  throw new Error("etcd did not open its port in 30 s");
}
