import { CodedError, type Sha256, type UnitName } from "@quarterdeck/model";
import { hashOf } from "./unit-files.ts";

/** Reads a unit's text from where it is kept; `null` when it is not there. May throw what etcd throws. */
export type FetchText = (hash: Sha256, signal: AbortSignal) => Promise<string | null>;

/** Unit texts by hash, fetched once and checked. Only what the schedule names is kept. */
export class UnitTexts {
  readonly #fetch: FetchText;
  readonly #texts = new Map<Sha256, string>();

  constructor(fetch: FetchText, known: ReadonlyMap<Sha256, string> = new Map()) {
    this.#fetch = fetch;
    for (const [hash, text] of known) if (hashOf(text) === hash) this.#texts.set(hash, text);
  }

  /** What is at hand without asking anybody. */
  get known(): ReadonlyMap<Sha256, string> {
    return this.#texts;
  }

  /** @throws {CodedError} NOT_FOUND, ETCD_CORRUPT_VALUE, and what the fetch throws */
  async get(unit: UnitName, hash: Sha256, signal: AbortSignal): Promise<string> {
    const known = this.#texts.get(hash);
    if (known !== undefined) return known;
    const text = await this.#fetch(hash, signal);
    if (text === null)
      throw new CodedError("NOT_FOUND", {
        message: `the file of ${unit} with the sha256 ${hash} is not in etcd`,
        try: `fleet submit ${unit} --replace`,
      });
    if (hashOf(text) !== hash)
      throw new CodedError("ETCD_CORRUPT_VALUE", {
        message: `the text of ${unit} does not have the sha256 ${hash}`,
        try: `fleet submit ${unit} --replace`,
      });
    this.#texts.set(hash, text);
    return text;
  }

  keepOnly(hashes: ReadonlySet<Sha256>): void {
    for (const hash of this.#texts.keys()) if (!hashes.has(hash)) this.#texts.delete(hash);
  }
}
