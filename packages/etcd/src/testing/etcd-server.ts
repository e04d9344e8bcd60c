import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findEtcd, HOW_TO_GET_ETCD } from "./find-etcd.ts";

/** PEM files of a member that takes clients by certificate only; `clientCa` signs those. */
type ServerTls = { readonly clientCa: string; readonly cert: string; readonly key: string };

export type EtcdServerOptions = {
  /** Where `etcd` and `etcdctl` are; the ones in use by default. */
  readonly binaries?: string;
  readonly name?: string;
  readonly tls?: ServerTls;
  /** Takes over the data of a server that was killed. */
  readonly directory?: string;
  readonly ports?: { readonly client: number; readonly peer: number };
  /** `name=peer url,…`; itself alone by default. */
  readonly initialCluster?: string;
  /** The cluster exists, and this member was added to it. */
  readonly joins?: boolean;
  readonly clusterToken?: string;
  /** How large the database may grow before NOSPACE; etcd's own default is 2 GiB. */
  readonly quotaBytes?: number;
  /** How long a member goes without its leader before it asks for a vote. @default 500 */
  readonly electionMs?: number;
  /** Below this directory, on a real disk, with fsync and etcd's own timing, as in earnest; else in a temporary one and in haste. */
  readonly onDisk?: string;
};

const inHaste = (electionMs = 500) => ({
  "heartbeat-interval": "50",
  "election-timeout": String(electionMs),
  "unsafe-no-fsync": "true",
});

const running = new Set<ChildProcess>();
// A test run that ends early must not leave servers behind.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** One etcd on 127.0.0.1, gone with its data when disposed. */
export class EtcdServer {
  readonly url: string;
  readonly directory: string;
  /** Where `etcd` and `etcdctl` of its version are. */
  readonly binaries: string;
  readonly #args: readonly string[];
  #process: ChildProcess;
  #exited: Promise<unknown>;
  /** Its last words; shown only when it ends by itself. */
  #said = "";

  constructor(url: string, from: { readonly binaries: string; readonly directory: string }, args: readonly string[]) {
    this.url = url;
    this.binaries = from.binaries;
    this.directory = from.directory;
    this.#args = args;
    [this.#process, this.#exited] = this.#spawn();
  }

  /** Of the process that runs now; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the client port is open; a single member is ready to serve then. */
  async listening(): Promise<void> {
    const port = Number(new URL(this.url).port);
    for (let tries = 0; tries < 1_500; tries += 1) {
      if (this.#process.exitCode !== null) throw new Error(`etcd ended with ${this.#process.exitCode}: ${this.#said}`);
      if (await isOpen(port)) return;
      await wait(20);
    }
    throw new Error("etcd did not open its port in 30 s");
  }

  /** SIGSTOP: the sockets stay open and nobody answers any more. */
  freeze(): void {
    this.#process.kill("SIGSTOP");
    awaitStop(this.#process.pid);
  }

  thaw(): void {
    this.#process.kill("SIGCONT");
  }

  /** kill -9; the data stays until this is disposed, for a successor or for `restart`. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  /** After `kill`: the same member at the same address with its data. */
  async restart(): Promise<void> {
    [this.#process, this.#exited] = this.#spawn();
    await this.listening();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  #spawn(): [ChildProcess, Promise<unknown>] {
    const child = spawn(join(this.binaries, "etcd"), this.#args, { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-2_000)));
    running.add(child);
    return [child, once(child, "exit").then(() => running.delete(child))];
  }
}

/** Starts one member and returns when its client port is open; a single one is ready to serve then. */
export async function startEtcd(options: EtcdServerOptions = {}): Promise<EtcdServer> {
  const binaries = options.binaries ?? findEtcd();
  if (binaries === null) throw new Error(HOW_TO_GET_ETCD);
  const directory = options.directory ?? (await mkdtemp(join(options.onDisk ?? tmpdir(), "quarterdeck-etcd-")));
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
    "initial-cluster-state": options.joins === true ? "existing" : "new",
    "initial-cluster-token": options.clusterToken ?? "quarterdeck-test",
    logger: "zap",
    "log-level": "fatal",
    ...(options.onDisk === undefined ? inHaste(options.electionMs) : {}),
    ...(options.quotaBytes === undefined ? {} : { "quota-backend-bytes": String(options.quotaBytes) }),
    ...(tls === undefined
      ? {}
      : { "client-cert-auth": "true", "trusted-ca-file": tls.clientCa, "cert-file": tls.cert, "key-file": tls.key }),
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const server = new EtcdServer(client, { binaries, directory }, args);
  await server.listening();
  return server;
}

/** Below the ports that Linux gives to outgoing connections: one of those could take it while its server is being restarted. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const listens = await new Promise<boolean>((resolve) =>
      server
        .on("listening", () => resolve(true))
        .on("error", () => resolve(false))
        .listen(port, "127.0.0.1"),
    );
    if (!listens) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/**
 * The signal stops one thread after the other, in its own time: what is asked right behind it could still be answered. Where there is no /proc that
 * has to be lived with.
 */
function awaitStop(pid: number | undefined): void {
  const tasks = `/proc/${pid}/task`;
  const isStopped = (task: string): boolean => {
    try {
      return /\) [Tt] /.test(readFileSync(`${tasks}/${task}/stat`, "utf8"));
    } catch (error) {
      // A thread that has ended meanwhile.
      if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return true;
      throw error;
    }
  };
  if (!existsSync(tasks)) return;
  for (let tries = 0; tries < 5_000; tries += 1) {
    if (readdirSync(tasks).every(isStopped)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
  throw new Error(`etcd ${pid} did not stop in five seconds`);
}

/** etcd has no other sign of readiness than its port, which it opens once it is part of a cluster with a leader. */
async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    return await new Promise<boolean>((resolve) =>
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false)),
    );
  } finally {
    socket.destroy();
  }
}
