import type { Ids } from "./ids.ts";

const USES = 5;
const LIFE_MS = 30 * 60_000;

/** What a response_url stands for. `original` is the message it may replace: the clicked one, or the last it made itself. */
export type ResponseUrl = {
  readonly token: string;
  readonly interaction: string;
  readonly channel: string;
  readonly user: string;
  original: string | undefined;
};

/** Slack's words for a URL that is no longer good. */
export type ResponseUrlUse =
  | { readonly ok: true; readonly url: ResponseUrl }
  | { readonly ok: false; readonly error: "used_url" | "expired_url" };

/** The response URLs handed out: each is good for five uses within thirty minutes. */
export class ResponseUrls {
  readonly #urls = new Map<string, { readonly url: ResponseUrl; readonly expires: number; left: number }>();
  readonly #ids: Ids;
  readonly #now: () => number;

  constructor(ids: Ids, now: () => number) {
    this.#ids = ids;
    this.#now = now;
  }

  mint(about: Omit<ResponseUrl, "token">): ResponseUrl {
    const url: ResponseUrl = { token: this.#ids.secret("r"), ...about };
    this.#urls.set(url.token, { url, expires: this.#now() + LIFE_MS, left: USES });
    return url;
  }

  use(token: string): ResponseUrlUse {
    const known = this.#urls.get(token);
    if (known === undefined || this.#now() > known.expires) return { ok: false, error: "expired_url" };
    if (known.left === 0) return { ok: false, error: "used_url" };
    known.left -= 1;
    return { ok: true, url: known.url };
  }
}
