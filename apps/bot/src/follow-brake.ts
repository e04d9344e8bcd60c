import { runCommand, type View } from "@quarterdeck/commands";
import {
  absent,
  keys,
  modRevisionIs,
  put,
  type Condition,
  type Mirror,
  type Operation,
  type Revision,
} from "@quarterdeck/etcd";
import { CodedError, problemOf } from "@quarterdeck/model";
import type { BotParts } from "./bot-parts.ts";
import { brakeNoticeKey, brakeOwnerKey, type BrakeNotice } from "./brake-notice.ts";
import { EDIT_INTERVAL_MS } from "./live-message.ts";
import { planBrakeNotice, type BrakeNoticeStep } from "./plan-brake-notice.ts";
import type { MessageBody, MessageRef, NoticeMetadata } from "./ports.ts";
import { postOnce } from "./post-once.ts";
import { renderView } from "./render-view.ts";

/** After Slack refused a message, or etcd a write. */
const RETRY_MS = 10_000;

/**
 * While the brake is on, one message in `channel` asks a person to look: what `fleet brake` says, kept up to date, until it tells that the brake was
 * released or went off. One replica does so, the other takes over when its lease is gone. What a replica had posted and not noted when it died is
 * found again in the channel. Ends by the signal; at once when `channel` is empty.
 */
export async function followBrake(channel: string, parts: BotParts, signal: AbortSignal): Promise<void> {
  if (channel === "") return;
  await using mirror = await parts.etcd.mirror([keys.brake().path, brakeNoticeKey.path, brakeOwnerKey.path], signal);
  // What the mirror says of our own note counts only once it shows what we wrote last.
  let written: Revision = 0n;
  const teller: Teller = { ...parts, signal, channel, posted: new Map(), untried: new Set() };
  for await (const _ of mirror.changes(signal)) {
    while (!signal.aborted && mirror.revision >= written) {
      const told = await tellNext(mirror, teller);
      if (told.kind === "nothing") break;
      if (told.kind === "wrote") written = told.revision;
      else await pause(told.ms, parts, signal);
    }
  }
}

type Told =
  | { readonly kind: "nothing" }
  | { readonly kind: "wrote"; readonly revision: Revision }
  | { readonly kind: "later"; readonly ms: number };

type Teller = BotParts & {
  readonly signal: AbortSignal;
  readonly channel: string;
  /** By mishap: messages that may stand in Slack and not yet in etcd, which many lost machines can keep from being written. */
  readonly posted: Map<string, BrakeNotice>;
  /** Mishaps that this replica has noted and not tried to post: no message about them can be there. */
  readonly untried: Set<string>;
};

async function tellNext(mirror: Mirror, teller: Teller): Promise<Told> {
  try {
    return await takeStep(mirror, teller);
  } catch (error) {
    if (!(error instanceof CodedError) || !error.retryable) throw error;
    const { log, channel } = teller;
    log.warn({ ...problemOf(error), channel }, "the channel could not be told of the brake; trying again");
    return { kind: "later", ms: RETRY_MS };
  }
}

async function takeStep(mirror: Mirror, teller: Teller): Promise<Told> {
  const known = mirror.get(brakeNoticeKey);
  const step = planBrakeNotice(mirror.get(keys.brake()), known?.value ?? null, teller.channel);
  if (step === null) return { kind: "nothing" };
  const owner = mirror.get(brakeOwnerKey);
  if (owner === null) return write([absent(brakeOwnerKey)], ownership(teller), teller);
  if (owner.value.replica !== teller.replica) return { kind: "nothing" };
  const mine = [modRevisionIs(owner), known === null ? absent(brakeNoticeKey) : modRevisionIs(known)];
  // Written ahead of the post, so that a replica that has lost its lease, and does not know it, posts nothing.
  if (step.kind === "ask" && known?.value.since !== step.notice.since) {
    const noted = await write(mine, put(brakeNoticeKey, step.notice), teller);
    if (noted.kind === "wrote") teller.untried.add(step.notice.since);
    return noted;
  }
  if (step.kind === "update" && !teller.budget.tryTake()) return { kind: "later", ms: EDIT_INTERVAL_MS };
  const { since } = step.notice;
  const before = step.kind === "ask" ? teller.posted.get(since) : undefined;
  const notice = before ?? { ...step.notice, ...(await tell(step, teller)) };
  if (step.kind === "ask") teller.posted.set(since, notice);
  const told = await write(mine, put(brakeNoticeKey, notice), teller);
  teller.posted.delete(since);
  if (step.kind === "update") await pause(EDIT_INTERVAL_MS, teller, teller.signal);
  return told;
}

function ownership({ replica, leaseId }: Teller) {
  return put(brakeOwnerKey, { v: 1, replica }, { lease: leaseId() });
}

/** Not committed is no fault: somebody else wrote, which the mirror is about to show. */
async function write(when: readonly Condition[], operation: Operation, teller: Teller): Promise<Told> {
  const { committed, revision } = await teller.etcd.transact({ when, then: [operation] }, teller.signal);
  return committed ? { kind: "wrote", revision } : { kind: "nothing" };
}

/** Posts or edits; the message is then where the answer says. Where somebody deleted it, it is posted anew, for people wait for it. */
async function tell(step: BrakeNoticeStep, teller: Teller): Promise<MessageRef> {
  const { messenger, log } = teller;
  const { channel, ts } = step.notice;
  // Nobody was asked, and nobody has to be told that it is over.
  if (step.kind === "end" && ts === "") return { channel, ts };
  const body = await bodyOf(step, teller);
  if (ts === "")
    return teller.untried.delete(step.notice.since) ? messenger.post(channel, body) : postOnce(channel, body, teller);
  if (step.kind === "end") teller.budget.takeForFinal();
  try {
    await messenger.update({ channel, ts }, body);
    return { channel, ts };
  } catch (error) {
    log.warn({ ...problemOf(error), channel, ts }, "the message about the brake cannot be edited; posting it anew");
    return messenger.post(channel, body);
  }
}

async function bodyOf(step: BrakeNoticeStep, teller: Teller): Promise<MessageBody<NoticeMetadata>> {
  const view = await viewOf(step, teller);
  return {
    ...renderView(view, step.kind === "end" ? [] : SUGGESTIONS),
    metadata: { event_type: "fleet_notice", event_payload: { notice: "brake", since: step.notice.since } },
  };
}

const SUGGESTIONS = [
  { label: "Machines", words: "list-machines" },
  { label: "Status", words: "status" },
];

/** What `fleet brake` says now; of a mishap that is over, since when it had lasted. */
async function viewOf({ kind, overtaken, notice }: BrakeNoticeStep, teller: Teller): Promise<View> {
  const asked = { kind: "note", tone: "neutral", text: `the brake came on at ${notice.since}` } as const;
  if (overtaken) {
    const text = "the brake went off, and came on again: a later message asks about that";
    return {
      json: null,
      exitCode: 0,
      blocks: [{ kind: "heading", text: "the brake went off" }, { ...asked, text }, asked],
    };
  }
  const view = await brakeStatus(teller);
  return kind === "end" ? { ...view, blocks: [...view.blocks, asked] } : view;
}

/** @throws {CodedError} UNREACHABLE when the cluster cannot be read now */
async function brakeStatus({ base, signal }: Teller): Promise<View> {
  const context = { ...base, surface: "slack", slack: null, textBlock: null } as const;
  for await (const update of runCommand(["brake", "status"], context, signal))
    if (update.kind === "done" && update.view.exitCode === 0) return update.view;
  throw new CodedError("UNREACHABLE", { message: "the state of the brake cannot be read" });
}

async function pause(ms: number, { base }: BotParts, signal: AbortSignal): Promise<void> {
  try {
    await base.clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
