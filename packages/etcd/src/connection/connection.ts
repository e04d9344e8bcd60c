import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { connectivityState, type Client, type Metadata } from "@grpc/grpc-js";
import { noop } from "cockatiel";
import { ConnectionPool } from "etcd3/lib/connection-pool.js";
import type { Credentials } from "./read-credentials.ts";
import { NEEDS_LEADER, type SERVICE_OF } from "./rpcs.ts";

type Service = (typeof SERVICE_OF)[keyof typeof SERVICE_OF] | "Watch";

/** Ready to call; grpc-js copies the metadata for each call. */
type ServiceClient = { readonly client: Client; readonly metadata: Metadata };

/** What is under way over a connection: a call that ends by itself, or a stream that can be told to. */
type InFlight = { readonly cancel: (() => void) | null };

/**
 * etcd closes connections whose pings come more often than every 5 s, and those that have pings while nothing goes over them (its
 * `PermitWithoutStream` is false): grpc-js would then double its interval each time, for the streams to come too.
 */
const CHANNEL_OPTIONS = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 3_000,
  "grpc.keepalive_permit_without_calls": 0,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.min_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_500,
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.enable_retries": 0,
} as const;

/** Sent as SNI, which etcd does not look at: grpc-js would send the host, and Node refuses that for an IP address. */
const SERVER_NAME = "etcd";

/** A connection to one endpoint with one certificate. etcd3's own retries, breaker and re-authentication are out of the way. */
export class Connection {
  readonly #pool: ConnectionPool;
  /** Kept: the way to them leads through etcd3's policies, which are of no use here and would be paid by each call. */
  readonly #clients = new Map<Service, Promise<ServiceClient>>();
  readonly #inFlight = new Set<InFlight>();
  #retired = false;
  #closed = false;

  constructor(url: string, credentials: Credentials | null) {
    this.#pool = new ConnectionPool({
      hosts: url,
      grpcOptions:
        credentials === null ? CHANNEL_OPTIONS : { ...CHANNEL_OPTIONS, "grpc.ssl_target_name_override": SERVER_NAME },
      faultHandling: { host: () => noop, global: noop },
      ...(credentials === null ? {} : { credentials: tlsOptions(credentials, new URL(url).hostname) }),
    });
  }

  client(service: Service): Promise<ServiceClient> {
    const known = this.#clients.get(service);
    if (known !== undefined) return known;
    const made = this.#pool.withConnection(service, ({ client, metadata }) => {
      // A member that lost its leader says so at once, and ends its streams, instead of letting everybody run into their deadlines.
      if (service === "Watch" || NEEDS_LEADER[service]) metadata.set("hasleader", "true");
      return { client, metadata };
    });
    this.#clients.set(service, made);
    return made;
  }

  /** Notes that something goes over this connection; the answer is to be called when it has ended. */
  hold(inFlight: InFlight): () => void {
    this.#inFlight.add(inFlight);
    return () => {
      this.#inFlight.delete(inFlight);
      this.#closeWhenIdle();
    };
  }

  /** Whether it stands now; tries to make it stand. */
  async isReady(): Promise<boolean> {
    if (this.#closed) return false;
    const { client } = await this.client("KV");
    return client.getChannel().getConnectivityState(true) === connectivityState.READY;
  }

  /** Waits until it stands, however long that takes; false when it was closed first. */
  async ready(): Promise<boolean> {
    while (!this.#closed) {
      const channel = (await this.client("KV")).client.getChannel();
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return true;
      if (state === connectivityState.SHUTDOWN) return false;
      await new Promise((resolve) => channel.watchConnectivityState(state, Infinity, resolve));
    }
    return false;
  }

  /** Ends the streams over it: whoever holds one opens another, over the connection in use then. */
  endStreams(): void {
    for (const { cancel } of this.#inFlight) cancel?.();
  }

  /** Closes it as soon as nothing goes over it. */
  retire(): void {
    this.#retired = true;
    this.#closeWhenIdle();
  }

  close(): void {
    this.#closed = true;
    this.#clients.clear();
    this.#pool.close();
  }

  #closeWhenIdle(): void {
    if (this.#retired && !this.#closed && this.#inFlight.size === 0) this.close();
  }
}

function tlsOptions({ ca, cert, key }: Credentials, host: string) {
  return {
    rootCertificate: ca,
    privateKey: key,
    certChain: cert,
    // The certificate must still be the endpoint's own.
    verifyOptions: { checkServerIdentity: (_: string, peer: PeerCertificate) => checkServerIdentity(host, peer) },
  };
}
