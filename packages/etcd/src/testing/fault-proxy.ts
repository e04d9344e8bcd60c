import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { FaultLink, type LinkFaults } from "./fault-link.ts";
import { seededRandom } from "./seeded-random.ts";

export type Direction = "toServer" | "toClient";

type Pair = {
  /** Of a connection that the network forgot: no other fault and no healing reaches it. */
  stranded: boolean;
  readonly client: Socket;
  readonly server: Socket;
  readonly links: Readonly<Record<Direction, FaultLink>>;
};

/**
 * A TCP proxy before an etcd that can make the way to it bad; it looks into nothing, so TLS passes through. What it draws (jitter) comes from
 * `seed`. Faults hold for open and new connections until `heal`.
 */
export class FaultProxy {
  readonly url: string;
  readonly #listener: ReturnType<typeof createServer>;
  readonly #target: URL;
  readonly #random: () => number;
  readonly #pairs = new Set<Pair>();
  #joined = 0;
  #faults: Readonly<Record<Direction, LinkFaults>> = { toServer: {}, toClient: {} };

  private constructor(target: URL, listener: ReturnType<typeof createServer>, seed: number) {
    this.url = `${target.protocol}//127.0.0.1:${(listener.address() as AddressInfo).port}`;
    this.#target = target;
    this.#listener = listener;
    this.#random = seededRandom(seed);
    listener.on("connection", (client) => this.#join(client));
  }

  /** How many connections have come since it was started. */
  get joined(): number {
    return this.#joined;
  }

  static async start(target: string, { seed = 1 }: { readonly seed?: number } = {}): Promise<FaultProxy> {
    const listener = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    return new FaultProxy(new URL(target), listener, seed);
  }

  /** Adds to the faults of one direction, or of both. */
  impair(faults: LinkFaults, directions: readonly Direction[] = ["toServer", "toClient"]): void {
    const changed = { ...this.#faults };
    for (const direction of directions) changed[direction] = { ...changed[direction], ...faults };
    this.#setFaults(changed);
  }

  /** What etcd answers is thrown away from now on. */
  loseReplies(): void {
    this.impair({ blackhole: "drop" }, ["toClient"]);
  }

  /** A black hole: nothing passes either way. */
  goDark(): void {
    this.impair({ blackhole: "drop" });
  }

  /** No more faults. What was held back arrives; a connection that lost bytes is reset, for no TCP goes on with a hole. */
  heal(): void {
    for (const pair of this.#pairs)
      if (!pair.stranded && (pair.links.toServer.hasLost || pair.links.toClient.hasLost)) this.#reset(pair);
    this.#setFaults({ toServer: {}, toClient: {} });
  }

  /** Resets all connections; new ones are taken. */
  cut(): void {
    for (const pair of this.#pairs) this.#reset(pair);
  }

  /**
   * What a forgetful router does: open connections go dark for good and nobody is told, new ones are well. Only `cut` and the end of the proxy
   * reset them.
   */
  strand(): void {
    for (const pair of this.#pairs) {
      pair.stranded = true;
      for (const link of Object.values(pair.links)) link.setFaults({ blackhole: "drop" });
    }
  }

  /** Ends all connections one way (FIN) and leaves the other way open. */
  halfClose(direction: Direction): void {
    for (const { links } of this.#pairs) links[direction].end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #setFaults(faults: Readonly<Record<Direction, LinkFaults>>): void {
    this.#faults = faults;
    for (const { links, stranded } of this.#pairs) {
      if (stranded) continue;
      links.toServer.setFaults(faults.toServer);
      links.toClient.setFaults(faults.toClient);
    }
  }

  #join(client: Socket): void {
    this.#joined += 1;
    const server = connect({ host: this.#target.hostname, port: Number(this.#target.port), allowHalfOpen: true });
    const link = (from: Socket, to: Socket, direction: Direction): FaultLink =>
      new FaultLink(from, to, { faults: this.#faults[direction], random: this.#random });
    const links = { toServer: link(client, server, "toServer"), toClient: link(server, client, "toClient") };
    const pair = { stranded: false, client, server, links };
    this.#pairs.add(pair);
    // Either end's failure is the other's; a half-close is no failure, and "close" comes only after both halves.
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.#reset(pair));
      socket.on("close", (failed) => {
        if (failed || (client.destroyed && server.destroyed)) this.#reset(pair);
      });
    }
  }

  #reset(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.links.toServer.stop();
    pair.links.toClient.stop();
    for (const socket of [pair.client, pair.server]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
