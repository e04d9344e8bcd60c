import type { KnownBlock } from "@slack/types";

/** Where a message stands. `ts` is Slack's id of a message within its channel. */
export type MessageRef = { readonly channel: string; readonly ts: string };

/** What a message says. `text` is the notification and what a screen reader reads, never empty. */
export type MessageBody<Metadata = AnswerMetadata> = {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  readonly metadata: Metadata;
};

/** Of what nobody asked for: what it is about, and since when that is so. */
export type NoticeMetadata = {
  readonly event_type: "fleet_notice";
  readonly event_payload: { readonly notice: "brake"; readonly since: string };
};

/** Lets scripts (and the sandbox) tell which command a message answers and whether it will change again. */
export type AnswerMetadata = {
  readonly event_type: "fleet_answer";
  readonly event_payload: {
    /** The trigger id of the command. */
    readonly trigger: string;
    /** The request's id; absent for reads. */
    readonly request?: string;
    readonly final: boolean;
    /** Of the terminal's exit codes; only with `final`. */
    readonly exitCode?: number;
  };
};

export type AnyMessage = MessageBody<AnswerMetadata | NoticeMetadata>;

/** Slack as the bot writes to it. */
export type SlackMessenger = {
  /**
   * Posts into a channel; not idempotent.
   * @throws {CodedError} SLACK_REFUSED, e.g. when the bot is not in the channel
   */
  post(channel: string, body: AnyMessage): Promise<MessageRef>;
  /**
   * Replaces a message; the same body twice is one.
   * @throws {CodedError} SLACK_REFUSED, e.g. when somebody deleted the message
   */
  update(ref: MessageRef, body: AnyMessage): Promise<void>;
  /**
   * Our own message with these metadata among the newest hundred of the channel, in whatever state it is; null when there is none.
   * @throws {CodedError} SLACK_REFUSED, e.g. when the scope `channels:history` is missing
   */
  find(channel: string, metadata: AnyMessage["metadata"]): Promise<MessageRef | null>;
};

/** Answers the person who typed, seen by nobody else; at most five times in 30 minutes. */
export type Respond = (
  body: MessageBody,
  options?: { readonly replace?: boolean; readonly inChannel?: boolean },
) => Promise<void>;

/** The user groups (handles, without @) that a user is in; empty when Slack cannot be asked: authority fails closed. */
export type UserGroups = { of(userId: string): Promise<readonly string[]> };
