import { connectivityState, type ClientDuplexStream, type Metadata, type ServiceError } from "@grpc/grpc-js";
import type { ILeaseKeepAliveRequest, ILeaseKeepAliveResponse, IWatchRequest, IWatchResponse } from "etcd3";
import { Connection } from "./connection.ts";
import { onAbort } from "./on-abort.ts";
import { packRequest } from "./pack-request.ts";
import type { Credentials } from "./read-credentials.ts";
import { SERVICE_OF, type RpcName, type Rpcs } from "./rpcs.ts";
import { unpackAnswer } from "./unpack-answer.ts";

export type WatchDuplex = ClientDuplexStream<IWatchRequest, IWatchResponse>;
export type KeepAliveDuplex = ClientDuplexStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>;

/** What grpc-js makes of a call of etcd's service definition. */
type Method = {
  readonly path: string;
  readonly requestSerialize: (request: unknown) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
};

/**
 * One etcd endpoint. Which endpoint to ask, how long to wait and what to do about a failure is decided above, where it is known whether a call
 * may be repeated.
 */
export class Endpoint {
  readonly url: string;
  #connection: Connection;
  readonly #open = new Set<Connection>();
  /** With a new certificate, not in use before it stands. */
  #next: Connection | null = null;

  constructor(url: string, credentials: Credentials | null) {
    this.url = url;
    this.#connection = this.#connect(credentials);
  }

  /**
   * Goes over to another certificate without dropping anything: what works stays in use until the connection with the new certificate stands.
   * New calls then go over that one, streams are ended so that their loops open them anew over it and go on from where they were, and the old
   * connection is closed when the last call over it has its answer.
   */
  renew(credentials: Credentials): void {
    this.#discard(this.#next);
    const next = this.#connect(credentials);
    this.#next = next;
    void this.#goOver(next);
  }

  /** Rejects with grpc-js's own error after `timeoutMs`, or with the signal's reason. */
  async call<Name extends RpcName>(
    name: Name,
    request: Rpcs[Name]["request"],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Rpcs[Name]["response"]> {
    signal.throwIfAborted();
    const ended = this.#connection.hold({ cancel: null });
    try {
      const { client, metadata } = await this.#connection.client(SERVICE_OF[name]);
      const method = (client as unknown as Record<string, Method>)[name];
      if (method === undefined) throw new TypeError(`etcd's ${SERVICE_OF[name]} service has no ${name}`);
      signal.throwIfAborted();
      const { path, requestSerialize, responseDeserialize } = method;
      const serialize = (value: unknown): Buffer => packRequest(name, value, requestSerialize);
      const deserialize = (bytes: Buffer): unknown => unpackAnswer(name, bytes, responseDeserialize);
      return await new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + timeoutMs };
        const done = (error: ServiceError | null, response: unknown): void => {
          forget();
          if (error === null) resolve(response as Rpcs[Name]["response"]);
          else reject(signal.aborted ? signal.reason : error);
        };
        const call = withoutStack(() =>
          client.makeUnaryRequest(path, serialize, deserialize, request, metadata, options, done),
        );
        const forget = onAbort(signal, () => call.cancel());
      });
    } finally {
      ended();
    }
  }

  /**
   * Waits up to `timeoutMs` for a connection; false while still trying. A refused connection counts as true: the call will say at once what
   * is wrong, whereas a black hole would cost it its whole deadline.
   */
  async settled(timeoutMs: number): Promise<boolean> {
    const { client } = await this.#connection.client("KV");
    const channel = client.getChannel();
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY || state === connectivityState.TRANSIENT_FAILURE) return true;
      const moved = await new Promise<boolean>((resolve) =>
        channel.watchConnectivityState(state, deadline, (error) => resolve(error === undefined)),
      );
      if (!moved) return false;
    }
  }

  async watch(): Promise<WatchDuplex> {
    const connection = this.#connection;
    const { client, metadata } = await connection.client("Watch");
    return held(connection, (client as unknown as { watch(metadata: Metadata): WatchDuplex }).watch(metadata));
  }

  async keepAlive(): Promise<KeepAliveDuplex> {
    const connection = this.#connection;
    const { client, metadata } = await connection.client("Lease");
    return held(
      connection,
      (client as unknown as { leaseKeepAlive(metadata: Metadata): KeepAliveDuplex }).leaseKeepAlive(metadata),
    );
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  async #goOver(next: Connection): Promise<void> {
    if ((await this.#connection.isReady()) && !(await next.ready())) return;
    if (this.#next !== next) return;
    const before = this.#connection;
    this.#connection = next;
    this.#next = null;
    if (await next.ready()) before.endStreams();
    this.#discard(before);
  }

  #connect(credentials: Credentials | null): Connection {
    const connection = new Connection(this.url, credentials);
    this.#open.add(connection);
    return connection;
  }

  #discard(connection: Connection | null): void {
    if (connection === null) return;
    connection.retire();
    this.#open.delete(connection);
  }
}

/** grpc-js takes a stack trace of every call for an error that may come: a good part of a call's work, and the error that we throw has its own. */
function withoutStack<Result>(start: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return start();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function held<Duplex extends WatchDuplex | KeepAliveDuplex>(connection: Connection, duplex: Duplex): Duplex {
  cancelOnceBegun(duplex);
  const ended = connection.hold({ cancel: () => duplex.cancel() });
  duplex.once("status", ended);
  return duplex;
}

/**
 * A stream that is cancelled in the turn in which it was made is over for grpc-js 1.14, which sends it off all the same and never ends it: etcd
 * would keep it as long as the connection stands. Such a cancel waits for the next turn; `endpoint.test.ts` shows what becomes of it.
 */
function cancelOnceBegun(duplex: WatchDuplex | KeepAliveDuplex): void {
  const cancel = duplex.cancel.bind(duplex);
  let begun = false;
  setImmediate(() => (begun = true));
  duplex.cancel = () => {
    if (begun) cancel();
    else setImmediate(cancel);
  };
}
