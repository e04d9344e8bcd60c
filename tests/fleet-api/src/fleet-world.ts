import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { RecentStops, serveFleetApi } from "@quarterdeck/agent/fleet-api";
import { openFleetCluster, systemClock } from "@quarterdeck/commands/fleet";
import { createLogger } from "@quarterdeck/daemon";
import { createEngineWorld } from "@quarterdeck/engine/testing";
import { keys, put } from "@quarterdeck/etcd";
import { principalSchema, type MachineId } from "@quarterdeck/model";

/** In no order, so that a list in order was sorted. */
export const MACHINES = ["b".repeat(32), "a".repeat(32), "c".repeat(32)] as [MachineId, MachineId, MachineId];

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** What the text says as JSON; `undefined` where there is none. */
  readonly body: unknown;
};

export type Ask = {
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
};

/** fleet's API on a socket and a TCP port, before a cluster in memory with the real engine and three machines. */
export type FleetWorld = AsyncDisposable & {
  readonly socket: string;
  readonly port: number;
  ask(method: string, path: string, ask?: Ask): Promise<Reply>;
  askTcp(method: string, path: string, ask?: Ask): Promise<Reply>;
  /** Asks until `look` finds what it looks for, for at most 3 s. */
  until(path: string, look: (reply: Reply) => boolean): Promise<Reply>;
  /** `start hello.service`, `stop hello.service`: what the machines did, each machine's in order. */
  history(): readonly string[];
  /** From now on the API may use these verbs alone. */
  allowOnly(...verbs: readonly string[]): Promise<void>;
  /** The machine is heard of no more, as its lease has ended. */
  cut(machine: MachineId): Promise<void>;
};

export async function openFleetWorld(): Promise<FleetWorld> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await createEngineWorld());
  cluster.startEngine();
  const agents = new Map<MachineId, Awaited<ReturnType<typeof cluster.addMachine>>>();
  for (const machine of MACHINES) agents.set(machine, await cluster.addMachine({ machine }));
  const folder = await mkdtemp(join(tmpdir(), "qd-fleet-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const log = createLogger("test");
  log.level = "silent";
  let ids = 0;
  const fleet = stack.use(
    openFleetCluster({
      etcd: cluster.etcd.connect(),
      principal: principalSchema.parse(`operator:api-${"a".repeat(32)}`),
      clock: systemClock,
      newId: () => `fleet-request-${(ids += 1)}`,
    }),
  );
  const socket = join(folder, "fleet.sock");
  const served = stack.use(
    await serveFleetApi({
      api: {
        cluster: () => Promise.resolve(fleet),
        stops: new RecentStops(() => performance.now()),
        metrics: () => Promise.resolve({ contentType: "text/plain; version=0.0.4", text: "one 1\n" }),
      },
      listeners: [
        { kind: "socket", path: socket, secure: () => Promise.resolve() },
        { kind: "tcp", host: "127.0.0.1", port: 0 },
      ],
      log,
    }),
  );
  const port = served.ports[0] ?? 0;
  const ask: FleetWorld["ask"] = (method, path, asked = {}) => exchange({ socketPath: socket, method, path }, asked);
  const owned = stack.move();
  return {
    socket,
    port,
    ask,
    askTcp: (method, path, asked = {}) => exchange({ host: "127.0.0.1", port, method, path }, asked),
    async until(path, look) {
      const deadline = performance.now() + 3000;
      for (;;) {
        const reply = await ask("GET", path);
        if (look(reply)) return reply;
        if (performance.now() > deadline) throw new Error(`${path} is still ${reply.status} ${reply.text}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    history: () => [...agents.values()].flatMap((agent) => agent.history),
    async allowOnly(...verbs) {
      const rules = [{ subjects: ["operator:api-*"], verbs: [...verbs] }];
      await cluster.etcd.transact({ when: [], then: [put(keys.policy(), { v: 1, rules })] }, AbortSignal.timeout(3000));
    },
    cut: async (machine) => agents.get(machine)?.cut(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Where = { readonly method: string; readonly path: string } & (
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number }
);

async function exchange(where: Where, { body, headers }: Ask): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const sent = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const asked = request(
    {
      ...where,
      agent: false,
      headers: { ...(sent === undefined ? {} : { "content-type": "application/json" }), ...headers },
    },
    (response) => {
      text(response).then((said) => {
        const json = response.headers["content-type"] === "application/json";
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: said,
          body: json ? (JSON.parse(said) as unknown) : undefined,
        });
      }, reject);
    },
  );
  asked.on("error", reject);
  asked.end(sent);
  return promise;
}
