import { stat } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";
import type { TlsMaterial } from "../client.ts";
import { telemetry } from "../telemetry.ts";
import { isPem } from "./is-pem.ts";
import { readCredentials, type Credentials } from "./read-credentials.ts";

const LOOK_EVERY_MS = 2_000;

/**
 * Looks at certificate files every 2 s and reads them again when they changed. Half of a pair (the certificate is new, its key is not yet),
 * or a file that cannot be used, changes nothing: the ones in use stay in use, `quarterdeck.etcd.certificate` says why, and the next look
 * tries again.
 *
 * Files are asked for their state and not watched: what renews them may rename them, mount over them or write through a link, and the
 * kernel tells each of these differently.
 */
export class CredentialWatch implements Disposable {
  readonly #tls: TlsMaterial;
  readonly #onRenewed: (credentials: Credentials) => void;
  readonly #timer: NodeJS.Timeout | null;
  #stamp: string;
  #looking: Promise<void> | null = null;

  /** `stamp` is of before the credentials in use were read; see {@link stampOf}. */
  constructor(tls: TlsMaterial, stamp: string, onRenewed: (credentials: Credentials) => void) {
    this.#tls = tls;
    this.#stamp = stamp;
    this.#onRenewed = onRenewed;
    const fixed = filesOf(tls).length === 0;
    this.#timer = fixed ? null : setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** Looks now; a second call while one is under way waits for that one. */
  async look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    await this.#looking;
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const stamp = await stampOf(this.#tls);
    if (stamp === this.#stamp) return;
    try {
      const credentials = await readCredentials(this.#tls);
      this.#stamp = stamp;
      const { principal, source, validTo } = credentials;
      telemetry.certificate.publish({ source, outcome: "renewed", principal, validTo });
      this.#onRenewed(credentials);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      telemetry.certificate.publish({ source: this.#tls.cert, outcome: "refused", why: error.message });
    }
  }
}

/** What changes whenever one of the files does. */
export async function stampOf(tls: TlsMaterial): Promise<string> {
  const stamps = await Promise.all(filesOf(tls).map(stampOfFile));
  return stamps.join(" ");
}

async function stampOfFile(path: string): Promise<string> {
  try {
    const { ino, size, ctimeNs } = await stat(path, { bigint: true });
    return `${ino}/${size}/${ctimeNs}`;
  } catch (error) {
    // Gone for the moment between two renames, or for good: reading it says so.
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

const filesOf = (tls: TlsMaterial): readonly string[] => [tls.ca, tls.cert, tls.key].filter((part) => !isPem(part));
