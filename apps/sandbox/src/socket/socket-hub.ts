import { randomUUID } from "node:crypto";
import type { RawData, WebSocket } from "ws";
import { isJson, textOf } from "../workspace/json.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { Connections } from "./connections.ts";
import type { Delivery, Envelope } from "./envelope.ts";
import { Timers } from "./timers.ts";

/** A client that hears no ping for 30 s takes its connection for dead. */
const PING_MS = 10_000;

/** Slack closes a connection some seconds after it asked for a refresh. */
const REFRESH_GRACE_MS = 10_000;

/** The reorder fault holds an envelope back until the next one has passed, and no longer than this. */
const REORDER_MS = 1_000;

/** Socket Mode's server side: envelopes go to exactly one connection, acknowledgements come back within the deadline or never. */
export class SocketHub implements Disposable {
  readonly #workspace: Workspace;
  readonly #ackTimeoutMs: number;
  readonly #connections = new Connections();
  readonly #waiting = new Map<string, (ack: unknown) => void>();
  readonly #timers = new Timers();
  #held: (() => void) | undefined;

  constructor(workspace: Workspace, ackTimeoutMs: number) {
    this.#workspace = workspace;
    this.#ackTimeoutMs = ackTimeoutMs;
    this.#timers.every(PING_MS, () => this.#connections.ping());
  }

  get connected(): number {
    return this.#connections.size;
  }

  /** Takes a connection that presented a good ticket; `base` is the address it came by. */
  accept(socket: WebSocket, base: string): void {
    const connection = this.#connections.add(socket, base);
    if (connection === undefined) {
      this.#note("too_many_websockets");
      socket.send(JSON.stringify({ type: "disconnect", reason: "too_many_websockets" }));
      return socket.close();
    }
    socket.on("message", (data) => this.#receive(textFrom(data)));
    socket.on("error", (error) => this.#note("error", error.message));
    socket.on("close", () => {
      this.#connections.remove(connection);
      this.#note("closed");
      this.#workspace.bus.publish({ type: "connections", count: this.connected });
    });
    connection.hello();
    this.#note("opened");
    this.#workspace.bus.publish({ type: "connections", count: this.connected });
  }

  /** Delivers an envelope and waits for its acknowledgement. */
  async deliver(envelope: Envelope): Promise<Delivery> {
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    const { promise, resolve } = Promise.withResolvers<Delivery>();
    const cancel = this.#timers.after(this.#ackTimeoutMs, () =>
      resolve({ ok: false, ackMs: elapsed(), error: "operation_timeout" }),
    );
    const id = randomUUID();
    this.#waiting.set(id, (ack) => resolve({ ok: true, ackMs: elapsed(), ack }));
    this.#schedule(() => {
      const sent = this.#send(envelope, id, 0);
      if (!sent) resolve({ ok: false, ackMs: elapsed(), error: "dispatch_failed" });
      else if (this.#workspace.faults.take("duplicate")) this.#send(envelope, randomUUID(), 1);
    });
    const delivery = await promise;
    cancel();
    this.#waiting.delete(id);
    const error = delivery.ok ? undefined : delivery.error;
    this.#workspace.journal.record({ kind: "envelope", name: envelope.type, durationMs: delivery.ackMs, error });
    return delivery;
  }

  /** Cuts connections without a word, the oldest first. */
  cut(count: number): void {
    for (const { socket } of this.#connections.oldest(count)) socket.terminate();
  }

  /** Asks for new connections as Slack does every few hours, then closes the old ones. */
  refresh(count: number): void {
    for (const connection of this.#connections.oldest(count)) {
      connection.drain();
      this.#timers.after(REFRESH_GRACE_MS, () => connection.socket.close());
    }
  }

  [Symbol.dispose](): void {
    this.#timers[Symbol.dispose]();
    this.cut(Infinity);
  }

  /** Sends now, or as late as a fault wants it. */
  #schedule(send: () => void): void {
    const delay = this.#workspace.faults.take("delay");
    if (delay !== undefined) return void this.#timers.after(delay.ms, send);
    if (this.#held === undefined && this.#workspace.faults.take("reorder")) {
      this.#held = send;
      return void this.#timers.after(REORDER_MS, () => this.#release());
    }
    send();
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  #send({ type, payload, acceptsResponse }: Envelope, id: string, attempt: number): boolean {
    const connection = this.#connections.next();
    if (connection === undefined) return false;
    const retry = attempt === 0 ? {} : { retry_attempt: attempt, retry_reason: "timeout" };
    connection.send({
      envelope_id: id,
      type,
      payload: payload(connection.base),
      accepts_response_payload: acceptsResponse,
      ...retry,
    });
    return true;
  }

  #receive(text: string): void {
    const message = parse(text);
    const id = isJson(message) ? textOf(message, "envelope_id") : undefined;
    if (!isJson(message) || id === undefined) return this.#note("unreadable", text.slice(0, 80));
    if (this.#workspace.faults.take("drop-ack")) return this.#note("ack dropped");
    const settle = this.#waiting.get(id);
    this.#workspace.journal.record({ kind: "ack", name: settle === undefined ? "late or doubled" : "in time" });
    settle?.(isNothing(message["payload"]) ? null : message["payload"]);
  }

  #note(name: string, detail?: string): void {
    this.#workspace.journal.record({ kind: "connection", name, ...(detail === undefined ? {} : { detail }) });
  }
}

function textFrom(data: RawData): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)).toString();
}

/** Clients that acknowledge without an answer send no payload, or an empty one. */
function isNothing(payload: unknown): boolean {
  return payload === undefined || payload === "" || (isJson(payload) && Object.keys(payload).length === 0);
}

/** The JSON a client sent; undefined when it is none, which is the client's fault and noted as such. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
