import { once } from "node:events";
import { type RawData, WebSocket } from "ws";

/** A message of the sandbox, as a client reads it. */
type Received = {
  readonly type: string;
  readonly envelope_id?: string;
  readonly reason?: string;
  readonly num_connections?: number;
  readonly retry_attempt?: number;
  readonly payload?: Readonly<Record<string, unknown>>;
};

/** A bare Socket Mode client for tests: says what it is told to, and hands over what it hears in order. */
export type FakeClient = AsyncDisposable & {
  /** The next message, waiting for it if need be. */
  next(): Promise<Received>;
  ack(envelope: Received, payload?: unknown): void;
  readonly closed: Promise<unknown>;
};

/** Calls a method of the Web API with a JSON body. */
export async function callSlack(
  base: string,
  method: string,
  args: object,
  token = "xoxb-1",
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const response = await fetch(`${base}/api/${method}`, { method: "POST", headers, body: JSON.stringify(args) });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** Connects as a bot does, by way of `base`; the hello is the first message. */
export async function connectClient(base: string): Promise<FakeClient> {
  const { body } = await callSlack(base, "apps.connections.open", {}, "xapp-1");
  const socket = new WebSocket(String(body["url"]));
  const heard: Received[] = [];
  const waiting: ((message: Received) => void)[] = [];
  socket.on("message", (data: RawData) => {
    const message = JSON.parse((data as Buffer).toString()) as Received;
    const taker = waiting.shift();
    if (taker === undefined) heard.push(message);
    else taker(message);
  });
  const closed = once(socket, "close");
  await once(socket, "open");
  return {
    closed,
    async next() {
      const message = heard.shift();
      if (message !== undefined) return message;
      const { promise, resolve } = Promise.withResolvers<Received>();
      waiting.push(resolve);
      return promise;
    },
    ack: ({ envelope_id }, payload) => socket.send(JSON.stringify({ envelope_id, payload })),
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}
