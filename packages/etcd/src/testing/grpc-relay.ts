import { promisify } from "node:util";
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type Client,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { ConnectionPool } from "etcd3/lib/connection-pool.js";

export type RelayRules = {
  /** etcd sees this token of every call to its keys, whatever the client sent. */
  readonly token?: string;
  /** A keep-alive stream is ended in good order (status OK) after so many answers. */
  readonly keepAliveAnswers?: number;
  /** So many keep-alive streams are refused at their first question, as etcd does while its users are being changed. */
  readonly keepAliveRefusals?: number;
};

type Answered = { readonly ID: string };
type Method = (...args: unknown[]) => unknown;
type KeepAlive = handleBidiStreamingCall<unknown, Answered>;

/** etcd's own words. */
const OLD_AUTH = { code: status.INVALID_ARGUMENT, details: "etcdserver: revision of auth store is old" };
const SERVICES = ["KV", "Lease", "Auth"] as const;

/** A gateway before a real etcd that looks into the calls, counts them, and passes them on but for its rules; no watches, no TLS. */
export class GrpcRelay {
  readonly url: string;
  readonly #server: Server;
  readonly #pool: ConnectionPool;
  readonly #counts: ReadonlyMap<string, number>;

  private constructor(server: Server, pool: ConnectionPool, from: { port: number; counts: Map<string, number> }) {
    this.#server = server;
    this.#pool = pool;
    this.#counts = from.counts;
    this.url = `http://127.0.0.1:${from.port}`;
  }

  static async start(target: string, rules: RelayRules): Promise<GrpcRelay> {
    const pool = new ConnectionPool({ hosts: target });
    const server = new Server();
    const counts = new Map<string, number>();
    for (const name of SERVICES) {
      const client = await pool.withConnection(name, (connection) => connection.client as unknown as Client);
      const { service } = client.constructor as unknown as { readonly service: ServiceDefinition };
      const handlers: Record<string, handleUnaryCall<unknown, unknown> | KeepAlive> = {};
      for (const [method, { originalName = method, requestStream }] of Object.entries(service)) {
        const count = (): void => void counts.set(originalName, (counts.get(originalName) ?? 0) + 1);
        handlers[method] = requestStream
          ? keepAlive(client, rules, count)
          : unary(client[originalName as never] as Method, {
              client,
              count,
              token: name === "KV" ? rules.token : null,
            });
      }
      server.addService(service, handlers);
    }
    const port = await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
    return new GrpcRelay(server, pool, { port: port ?? 0, counts });
  }

  /** How often a call came, or how many streams of that name were opened. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#server.forceShutdown();
    this.#pool.close();
  }
}

type Way = { readonly client: Client; readonly count: () => void; readonly token: string | null | undefined };

function unary(method: Method, { client, count, token }: Way): handleUnaryCall<unknown, unknown> {
  return (call, done) => {
    count();
    const metadata = new Metadata();
    const sent = token ?? call.metadata.get("token")[0];
    if (sent !== undefined) metadata.set("token", sent);
    method.call(client, call.request, metadata, (error: ServiceError | null, response: unknown) =>
      error === null ? done(null, response) : done({ code: error.code, details: error.details }),
    );
  };
}

function keepAlive(client: Client, rules: RelayRules, count: () => void): KeepAlive {
  const { keepAliveAnswers = Infinity } = rules;
  let { keepAliveRefusals: refusals = 0 } = rules;
  return (call) => {
    count();
    const behind = (client["leaseKeepAlive" as never] as () => ReturnType<Client["makeBidiStreamRequest"]>).call(
      client,
    );
    let answers = 0;
    behind.on("data", (answer: Answered) => {
      answers += 1;
      if (answers > keepAliveAnswers) return;
      call.write(answer);
      if (answers === keepAliveAnswers) call.end();
    });
    // Whichever side breaks, the other one is over as well.
    behind.on("error", () => call.end());
    call.on("error", () => behind.cancel());
    call.on("cancelled", () => behind.cancel());
    call.on("end", () => behind.end());
    call.on("data", (question: unknown) => {
      if (refusals === 0) return void behind.write(question);
      refusals -= 1;
      call.emit("error", OLD_AUTH);
    });
  };
}
