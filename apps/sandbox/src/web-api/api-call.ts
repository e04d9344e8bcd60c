import type { Platform } from "../platform.ts";
import type { Json } from "../workspace/json.ts";

/** One call of the Web API: its arguments, and the address the caller reached us at (no slash at the end). */
export type ApiCall = Platform & { readonly args: Json; readonly base: string };

/** Slack's answer: `ok`, and what belongs to it; refusals carry `error` in Slack's word. */
export type ApiReply = Json & { readonly ok: boolean };

/** A method of the Web API. */
export type ApiMethod = {
  readonly token: "bot" | "app";
  /** The scope it needs; none for methods every token may call. */
  readonly scope?: string;
  /** Slack's tier: calls a minute. */
  readonly perMinute: number;
  readonly handle: (call: ApiCall) => ApiReply;
};

/** A refusal in Slack's word. */
export function refuse(error: string, more: Json = {}): ApiReply {
  return { ok: false, error, ...more };
}

/** Calls a minute by tier. @see https://docs.slack.dev/apis/web-api/rate-limits */
export const TIER = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;
