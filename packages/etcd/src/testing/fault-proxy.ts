import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A TCP proxy before an etcd that can lose replies or go dark; connections stay open unless they are cut. */
export class FaultProxy {
  readonly url: string;
  readonly #close: () => Promise<void>;
  readonly #pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  #deaf = false;
  #mute = false;

  private constructor(port: number, close: () => Promise<void>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#close = close;
  }

  static async start(target: string): Promise<FaultProxy> {
    const { port, hostname } = new URL(target);
    const listener = createServer((client) => proxy.#join(client, connect(Number(port), hostname))).listen(
      0,
      "127.0.0.1",
    );
    await once(listener, "listening");
    const proxy = new FaultProxy((listener.address() as AddressInfo).port, async () => {
      listener.close();
      await once(listener, "close");
    });
    return proxy;
  }

  /** What etcd answers is thrown away from now on. */
  loseReplies(): void {
    this.#mute = true;
  }

  /** A black hole: nothing passes either way. */
  goDark(): void {
    this.#mute = true;
    this.#deaf = true;
  }

  heal(): void {
    this.#mute = false;
    this.#deaf = false;
  }

  /** Resets all connections; new ones are taken. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.#close();
  }

  #join(client: Socket, server: Socket): void {
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on("data", (chunk) => this.#deaf || server.write(chunk));
    server.on("data", (chunk) => this.#mute || client.write(chunk));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on("close", () => other.destroy());
      // A reset is what is being tested; "close" follows it.
      one.on("error", () => other.destroy());
    }
  }
}
