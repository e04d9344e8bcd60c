import type { ILeaseKeepAliveResponse } from "etcd3";
import type { KeepAliveDuplex } from "../connection/endpoint.ts";
import { classifyFailure, isServiceError } from "../connection/grpc-errors.ts";
import type { Acknowledgement } from "./lease-belief.ts";

export type KeepAliveHooks = {
  /** A lease that etcd does not have (any more) is answered with `ttlSeconds` 0. */
  readonly onAnswer: (id: string, answer: Acknowledgement) => void;
  /** For how long a connection may leave a question unanswered while it says nothing at all. */
  readonly patienceMs: () => number;
};

/** Why a stream is over; `again`: etcd is well and only refused for the moment. */
export type StreamEnd = { readonly why: string; readonly again: boolean; readonly answered: boolean };

/** One keep-alive stream, shared by many leases: etcd answers the questions in their order, each with the lease's id. */
export class KeepAliveStream {
  /** Resolves however the stream ends: broken, refused, silent, ended in good order (microsoft/etcd3 misses that one), or closed here. */
  readonly ended: Promise<StreamEnd>;
  readonly #duplex: KeepAliveDuplex;
  readonly #hooks: KeepAliveHooks;
  readonly #end: (end: StreamEnd) => void;
  /** When each unanswered question was sent, by lease. */
  readonly #questions = new Map<string, number>();
  #answered = false;
  #over = false;
  #silence: NodeJS.Timeout | null = null;

  constructor(duplex: KeepAliveDuplex, hooks: KeepAliveHooks) {
    this.#duplex = duplex;
    this.#hooks = hooks;
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.ended = promise;
    this.#end = resolve;
    duplex.on("data", (answer: ILeaseKeepAliveResponse) => this.#receive(answer));
    duplex.on("error", (error: Error) =>
      this.#finish(error.message, isServiceError(error) && classifyFailure(error) === "again"),
    );
    duplex.on("end", () => this.#finish("etcd ended the stream", false));
    duplex.on("close", () => this.#finish("the stream was closed", false));
  }

  /** No question is asked twice: while one is open the next would only count from later. */
  ask(id: string): void {
    if (this.#over || this.#questions.has(id)) return;
    this.#questions.set(id, performance.now());
    this.#duplex.write({ ID: id });
    if (this.#silence === null) this.#armSilence();
  }

  close(): void {
    this.#finish("it was closed", false);
  }

  #receive({ ID, TTL }: ILeaseKeepAliveResponse): void {
    if (this.#over) return;
    this.#answered = true;
    this.#armSilence();
    const sentAtMs = this.#questions.get(ID);
    if (sentAtMs === undefined) return;
    this.#questions.delete(ID);
    this.#hooks.onAnswer(ID, { sentAtMs, ttlSeconds: Number(TTL) });
  }

  #armSilence(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    const patienceMs = this.#hooks.patienceMs();
    this.#silence = setTimeout(() => {
      this.#silence = null;
      if (this.#questions.size > 0) this.#finish(`no answer within ${Math.round(patienceMs)} ms`, false);
    }, patienceMs);
  }

  #finish(why: string, again: boolean): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#duplex.cancel();
    this.#end({ why, again, answered: this.#answered });
  }
}
