import type { Json } from "./json.ts";

/**
 * A message in Slack's own shape, and what the sandbox adds: `channel`, `ephemeralFor` (the one user id that sees it) and
 * `edits`, the number of changes so far. `ts` is its id within the channel and rises with time.
 */
export type Message = {
  readonly type: "message";
  readonly channel: string;
  readonly ts: string;
  readonly team: string;
  readonly user: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly text: string;
  readonly blocks?: readonly Json[];
  readonly metadata?: Json;
  readonly thread_ts?: string;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly ephemeralFor?: string;
  readonly edits: number;
};

/** What the bot says of an answer: which request, whether it is the last word, and how it ended. */
export type AnswerFacts = {
  readonly request?: string;
  readonly trigger?: string;
  readonly final?: boolean;
  readonly exitCode?: number;
};

/** The facts in a message's metadata; undefined when it carries none. */
export function answerFacts(metadata: Json | undefined): AnswerFacts | undefined {
  const payload: unknown = metadata?.["event_payload"];
  if (typeof payload !== "object" || payload === null) return undefined;
  const { request, trigger, final, exitCode } = Object(payload) as Json;
  return {
    ...(typeof request === "string" ? { request } : {}),
    ...(typeof trigger === "string" ? { trigger } : {}),
    ...(typeof final === "boolean" ? { final } : {}),
    ...(typeof exitCode === "number" ? { exitCode } : {}),
  };
}
