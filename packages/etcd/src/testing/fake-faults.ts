import { CodedError, type ErrorCode } from "@quarterdeck/model";
import { covers } from "../keyspace/covers.ts";

/** What a test can make go wrong. */
export class FakeFaults {
  #failures: ErrorCode[] = [];
  #readable: readonly string[] | null = null;
  #writable: readonly string[] | null = null;
  readonly #losses = new Map<string, AbortController>();

  /** The next calls fail with these codes, in order, one a call. */
  failNext(...codes: readonly ErrorCode[]): void {
    this.#failures.push(...codes);
  }

  /** From now on only keys below these prefixes may be read or written; others are refused with `ETCD_FORBIDDEN`. */
  allow(paths: { readonly read: readonly string[]; readonly write: readonly string[] }): void {
    this.#readable = paths.read;
    this.#writable = paths.write;
  }

  /** Whether {@link FakeFaults.allow} was called: else everybody may do everything, as in an etcd without access control. */
  get isLimited(): boolean {
    return this.#writable !== null;
  }

  lossOf(lease: string): AbortSignal {
    let controller = this.#losses.get(lease);
    if (controller === undefined) this.#losses.set(lease, (controller = new AbortController()));
    return controller.signal;
  }

  loseLease(lease: string): void {
    this.lossOf(lease);
    this.#losses.get(lease)?.abort(new CodedError("ETCD_LEASE_LOST", { message: `lease ${lease} may be gone` }));
  }

  async beforeRead(paths: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#beforeCall(signal);
    this.checkReadable(paths);
  }

  /** For a follow, which outlives every failure but a refusal. */
  checkReadable(paths: readonly string[]): void {
    this.#refuse(paths, this.#readable, "read");
  }

  async beforeWrite(paths: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#beforeCall(signal);
    this.#refuse(paths, this.#writable, "write");
  }

  async #beforeCall(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await Promise.resolve();
    const code = this.#failures.shift();
    if (code !== undefined) throw new CodedError(code, { message: `${code}, as the test asked` });
  }

  #refuse(paths: readonly string[], allowed: readonly string[] | null, what: string): void {
    const refused = allowed === null ? undefined : paths.find((path) => !covers(allowed, path));
    if (refused !== undefined)
      throw new CodedError("ETCD_FORBIDDEN", { message: `the test's principal may not ${what} ${refused}` });
  }
}
