import { checkServerIdentity, type PeerCertificate } from "node:tls";
import {
  connectivityState,
  type Client,
  type ClientDuplexStream,
  type Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { noop } from "cockatiel";
import type { ILeaseKeepAliveRequest, ILeaseKeepAliveResponse, IWatchRequest, IWatchResponse } from "etcd3";
import { ConnectionPool } from "etcd3/lib/connection-pool.js";
import type { Credentials } from "./read-credentials.ts";
import { SERVICE_OF, type RpcName, type Rpcs } from "./rpcs.ts";

export type WatchDuplex = ClientDuplexStream<IWatchRequest, IWatchResponse>;
export type KeepAliveDuplex = ClientDuplexStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>;

type Unary = (
  request: unknown,
  metadata: Metadata,
  options: { deadline: number },
  done: (error: ServiceError | null, response: unknown) => void,
) => { cancel(): void };

/** etcd closes connections whose pings come more often than every 5 s. */
const CHANNEL_OPTIONS = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 3_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.min_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_500,
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.enable_retries": 0,
} as const;

/** Sent as SNI, which etcd does not look at: grpc-js would send the host, and Node refuses that for an IP address. */
const SERVER_NAME = "etcd";

function tlsOptions({ ca, cert, key }: Credentials, host: string) {
  return {
    rootCertificate: ca,
    privateKey: key,
    certChain: cert,
    // The certificate must still be the endpoint's own.
    verifyOptions: { checkServerIdentity: (_: string, peer: PeerCertificate) => checkServerIdentity(host, peer) },
  };
}

/**
 * One etcd endpoint. etcd3's own retries, breaker and re-authentication are out of the way: which endpoint to ask, how long to wait and what to
 * do about a failure is decided above, where it is known whether a call may be repeated.
 */
export class Endpoint {
  readonly url: string;
  readonly #pool: ConnectionPool;

  constructor(url: string, credentials: Credentials | null) {
    this.url = url;
    this.#pool = new ConnectionPool({
      hosts: url,
      grpcOptions:
        credentials === null ? CHANNEL_OPTIONS : { ...CHANNEL_OPTIONS, "grpc.ssl_target_name_override": SERVER_NAME },
      faultHandling: { host: () => noop, global: noop },
      ...(credentials === null ? {} : { credentials: tlsOptions(credentials, new URL(url).hostname) }),
    });
  }

  /** Rejects with grpc-js's own error after `timeoutMs`, or with the signal's reason. */
  async call<Name extends RpcName>(
    name: Name,
    request: Rpcs[Name]["request"],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Rpcs[Name]["response"]> {
    signal.throwIfAborted();
    const { client, metadata } = await this.#client(SERVICE_OF[name]);
    const method = (client as unknown as Record<string, Unary>)[name];
    if (method === undefined) throw new TypeError(`etcd's ${SERVICE_OF[name]} service has no ${name}`);
    return new Promise((resolve, reject) => {
      const call = method.call(client, request, metadata, { deadline: Date.now() + timeoutMs }, (error, response) => {
        signal.removeEventListener("abort", onAbort);
        if (error === null) resolve(response as Rpcs[Name]["response"]);
        else reject(signal.aborted ? signal.reason : error);
      });
      const onAbort = (): void => call.cancel();
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /**
   * Waits up to `timeoutMs` for a connection; false while still trying. A refused connection counts as true: the call will say at once what
   * is wrong, whereas a black hole would cost it its whole deadline.
   */
  async settled(timeoutMs: number): Promise<boolean> {
    const { client } = await this.#client("KV");
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
    const { client, metadata } = await this.#client("Watch");
    // A member that lost its leader ends the stream instead of keeping it silent.
    metadata.set("hasleader", "true");
    return (client as unknown as { watch(metadata: Metadata): WatchDuplex }).watch(metadata);
  }

  async keepAlive(): Promise<KeepAliveDuplex> {
    const { client, metadata } = await this.#client("Lease");
    metadata.set("hasleader", "true");
    return (client as unknown as { leaseKeepAlive(metadata: Metadata): KeepAliveDuplex }).leaseKeepAlive(metadata);
  }

  close(): void {
    this.#pool.close();
  }

  #client(
    service: "KV" | "Lease" | "Watch" | "Cluster" | "Maintenance" | "Auth",
  ): Promise<{ readonly client: Client; readonly metadata: Metadata }> {
    return this.#pool.withConnection(service, ({ client, metadata }) => ({ client, metadata }));
  }
}
