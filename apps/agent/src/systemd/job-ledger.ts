import type { JobResult } from "../ports.ts";

/**
 * Brings the two halves of a job together: the reply that names its object path, and the JobRemoved signal that carries its result.
 * The signal can arrive first, so results are kept while any call is still without its reply.
 */
export class JobLedger {
  readonly #waiting = new Map<string, (result: JobResult) => void>();
  readonly #early = new Map<string, JobResult>();
  #callsWithoutReply = 0;

  /** `submit` makes the call and resolves to the job's path. Rejects when the signal aborts; the job itself goes on. */
  async run(submit: () => Promise<string>, signal: AbortSignal): Promise<JobResult> {
    this.#callsWithoutReply += 1;
    let path: string;
    let early: JobResult | undefined;
    try {
      path = await submit();
      early = this.#early.get(path);
    } finally {
      this.#callsWithoutReply -= 1;
      if (this.#callsWithoutReply === 0) this.#early.clear();
    }
    if (early !== undefined) return early;
    const removed = Promise.withResolvers<JobResult>();
    const abort = () => removed.reject(signal.reason);
    this.#waiting.set(path, removed.resolve);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await removed.promise;
    } finally {
      this.#waiting.delete(path);
      signal.removeEventListener("abort", abort);
    }
  }

  removed(path: string, result: JobResult): void {
    const resolve = this.#waiting.get(path);
    if (resolve !== undefined) resolve(result);
    else if (this.#callsWithoutReply > 0) this.#early.set(path, result);
  }
}
