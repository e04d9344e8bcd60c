import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";

/** A change as etcd tells it; the path is relative to the prefix, `value` null is a deletion. */
export type RawChange = {
  readonly path: string;
  readonly value: string | null;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
};

export type RawWrite = { readonly path: string; readonly value: string | null };

const revision = z.string().transform(BigInt);
const header = z.object({ revision });
const keyValue = z.object({
  key: z.string(),
  value: z.string().default(""),
  create_revision: revision.default(0n),
  mod_revision: revision,
});
const answer = z.object({ header });
const watched = z.object({
  result: z.object({
    header,
    canceled: z.boolean().optional(),
    events: z.array(z.object({ type: z.string().optional(), kv: keyValue })).default([]),
  }),
});

/**
 * The witness that shares nothing with our client: etcd's JSON gateway over fetch, on addresses that no proxy stands before. It knows one
 * prefix, tries every member until one answers, and stays with that one: a frozen member would swallow each call anew.
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export class RawEtcd {
  readonly prefix: string;
  readonly #urls: readonly string[];
  /** The member that answered last. */
  #place = 0;
  #compacted = 0n;

  constructor(urls: readonly string[], prefix: string) {
    this.#urls = urls;
    this.prefix = prefix;
  }

  /** One transaction; the revision it made. May have been written twice when a member died over it. */
  async write(writes: readonly RawWrite[]): Promise<bigint> {
    const success = writes.map(({ path, value }) => {
      const key = encode(this.prefix + path);
      return value === null
        ? { requestDeleteRange: { key } }
        : { requestPut: { key, value: Buffer.from(value).toString("base64") } };
    });
    return (await this.#call("kv/txn", { success })).header.revision;
  }

  /** Forgets the history before a revision, unless that is gone already. */
  async compact(before: bigint): Promise<void> {
    if (before <= this.#compacted) return;
    this.#compacted = before;
    await this.#call("kv/compaction", { revision: before.toString() });
  }

  /** Nothing happens when it has ended already. */
  async revokeLease(hex: string): Promise<void> {
    await this.#call("lease/revoke", { ID: BigInt(`0x${hex}`).toString() });
  }

  /** All changes below the prefix from `start` on, revision by revision, as the member that answered last has them; breaks off when it does. */
  async *watch(start: bigint, signal: AbortSignal): AsyncIterable<readonly RawChange[]> {
    const request = { key: encode(this.prefix), range_end: encode(`${this.prefix.slice(0, -1)}0`) };
    const body = JSON.stringify({ create_request: { ...request, start_revision: start.toString() } });
    const response = await fetch(`${this.#urls[this.#place]}/v3/watch`, { method: "POST", body, signal });
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const { result } = watched.parse(JSON.parse(line));
        if (result.canceled === true) throw new Error(`etcd cancelled the witness's watch from ${start}`);
        if (result.events.length > 0) yield result.events.map((event) => this.#change(event));
      }
    }
  }

  #change({ type, kv }: { readonly type?: string | undefined; readonly kv: z.output<typeof keyValue> }): RawChange {
    return {
      path: Buffer.from(kv.key, "base64").toString().slice(this.prefix.length),
      value: type === "DELETE" ? null : Buffer.from(kv.value, "base64").toString(),
      createRevision: kv.create_revision,
      modRevision: kv.mod_revision,
    };
  }

  async #call(path: string, body: object): Promise<z.output<typeof answer>> {
    for (let tries = 0; ; tries += 1) {
      const place = (this.#place + tries) % this.#urls.length;
      const url = this.#urls[place];
      try {
        const signal = AbortSignal.timeout(2_000);
        const response = await fetch(`${url}/v3/${path}`, { method: "POST", body: JSON.stringify(body), signal });
        if (response.ok) {
          const answered = answer.parse(await response.json());
          this.#place = place;
          return answered;
        }
        // What is to be taken away is gone.
        if (response.status === 404) return { header: { revision: 0n } };
        throw new Error(`${path}: ${await response.text()}`);
      } catch (error) {
        if (tries >= 50) throw error;
        await wait(Math.min(20 * tries, 200));
      }
    }
  }
}

const encode = (text: string): string => Buffer.from(text).toString("base64");
