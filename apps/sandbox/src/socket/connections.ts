import { WebSocket } from "ws";
import { IDENTITY } from "../workspace/identity.ts";
import type { Json } from "../workspace/json.ts";

/** Slack allows an app ten. */
const MOST = 10;

/** What Slack tells a client about how long it may stay. */
const LIFETIME_SECONDS = 18_060;

/** One open socket; `base` is the address the client reached us at, without a slash at the end. */
export type Connection = {
  readonly socket: WebSocket;
  readonly base: string;
  send(message: Json): void;
  hello(): void;
  /** Tells the client to reconnect; from now on others are served first. */
  drain(): void;
  readonly draining: boolean;
};

/** The open sockets, served in turn. */
export class Connections {
  readonly #open: Connection[] = [];
  #turn = 0;

  get size(): number {
    return this.#open.length;
  }

  /** Undefined when ten are open already. */
  add(socket: WebSocket, base: string): Connection | undefined {
    if (this.size >= MOST) return undefined;
    const connection = connect(socket, base, () => this.size);
    this.#open.push(connection);
    return connection;
  }

  remove(connection: Connection): void {
    const index = this.#open.indexOf(connection);
    if (index !== -1) this.#open.splice(index, 1);
  }

  /** Whose turn it is: any open one, those asked to leave only when there is no other. */
  next(): Connection | undefined {
    const live = this.#open.filter(({ socket }) => socket.readyState === WebSocket.OPEN);
    const staying = live.filter(({ draining }) => !draining);
    const choice = staying.length > 0 ? staying : live;
    this.#turn += 1;
    return choice[this.#turn % choice.length];
  }

  oldest(count: number): readonly Connection[] {
    return this.#open.slice(0, count);
  }

  ping(): void {
    for (const { socket } of this.#open) if (socket.readyState === WebSocket.OPEN) socket.ping();
  }
}

function connect(socket: WebSocket, base: string, total: () => number): Connection {
  let draining = false;
  const send = (message: Json) => socket.send(JSON.stringify(message));
  const debug = { host: "sandbox", build_number: 1, approximate_connection_time: LIFETIME_SECONDS };
  return {
    socket,
    base,
    send,
    hello: () =>
      send({
        type: "hello",
        num_connections: total(),
        debug_info: debug,
        connection_info: { app_id: IDENTITY.app },
      }),
    drain() {
      draining = true;
      send({ type: "disconnect", reason: "refresh_requested", debug_info: debug });
    },
    get draining() {
      return draining;
    },
  };
}
