import type { EtcdClient, Mirror } from "@quarterdeck/etcd";
import { CodedError } from "@quarterdeck/model";
import type { Clock } from "../clock.ts";

const OPEN_MS = 5000;
/** Etcd confirms several times within this time, even when nothing changes. */
const STALE_AFTER_MS = 30_000;

export type SharedMirrorOptions = {
  readonly etcd: EtcdClient;
  readonly prefixes: readonly string[];
  readonly clock: Clock;
  /** It is let go when nobody has asked for so long: who asks for nothing must cost nothing. */
  readonly idleMs: number;
};

/** A mirror that is opened for the first reader, kept for those that follow soon, and let go after them. */
export class SharedMirror implements AsyncDisposable {
  readonly #options: SharedMirrorOptions;
  readonly #life = new AbortController();
  #open: Promise<Mirror> | null = null;
  #idle = new AbortController();

  constructor(options: SharedMirrorOptions) {
    this.#options = options;
  }

  /** @throws {CodedError} ETCD_UNREACHABLE when there is none within 5 s, or it has not been confirmed for 30 s */
  async get(signal: AbortSignal): Promise<Mirror> {
    const { clock } = this.#options;
    this.#idle.abort();
    this.#open ??= this.#openOne();
    const opening = this.#open;
    const given = new AbortController();
    const late = clock.sleep(OPEN_MS, AbortSignal.any([signal, given.signal])).then(
      () => null,
      () => null,
    );
    const mirror = await Promise.race([opening, late]).finally(() => given.abort());
    signal.throwIfAborted();
    if (mirror === null || mirror.ageMs() > STALE_AFTER_MS)
      throw new CodedError("ETCD_UNREACHABLE", { message: "etcd does not answer", try: "fleet doctor" });
    this.#letGoLater(opening);
    return mirror;
  }

  #openOne(): Promise<Mirror> {
    const { etcd, prefixes } = this.#options;
    const opening = etcd.mirror(prefixes, this.#life.signal);
    const forget = (): void => {
      if (this.#open === opening) this.#open = null;
    };
    void opening
      .then(async (mirror) => {
        for await (const _ of mirror.changes(this.#life.signal));
      })
      .then(forget, forget);
    return opening;
  }

  #letGoLater(opening: Promise<Mirror>): void {
    const { clock, idleMs } = this.#options;
    this.#idle.abort();
    this.#idle = new AbortController();
    const close = async (): Promise<void> => {
      if (this.#open !== opening) return;
      this.#open = null;
      await (await opening)[Symbol.asyncDispose]();
    };
    // A later reader aborts the wait.
    void clock.sleep(idleMs, AbortSignal.any([this.#life.signal, this.#idle.signal])).then(close, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#open;
    this.#open = null;
    this.#life.abort();
    await opened?.then(
      (mirror) => mirror[Symbol.asyncDispose](),
      () => undefined,
    );
  }
}
