import type { Entry } from "@quarterdeck/etcd";
import type { Brake } from "@quarterdeck/model";
import type { BrakeNotice } from "./brake-notice.ts";

/** What is to be told of the brake next. `notice` is what stands in etcd once it has been told, `ts` being the message's. */
export type BrakeNoticeStep = {
  readonly kind: "ask" | "update" | "end";
  /** A later mishap has begun before this one was told to be over: the cluster's present state is that one's. */
  readonly overtaken: boolean;
  readonly notice: BrakeNotice;
};

/** Null when the channel has been told all that there is to tell. */
export function planBrakeNotice(
  brake: Entry<Brake> | null,
  known: BrakeNotice | null,
  channel: string,
): BrakeNoticeStep | null {
  const on = brake?.value.on ?? null;
  const shown = String(brake?.modRevision ?? 0n);
  const open = known !== null && !known.ended ? known : null;
  if (open !== null && open.since !== on?.since)
    return { kind: "end", overtaken: on !== null, notice: { ...open, shown, ended: true } };
  if (on === null || brake === null) return null;
  if (open === null) {
    if (known?.since === on.since) return null;
    return { kind: "ask", overtaken: false, notice: { v: 1, since: on.since, channel, ts: "", shown, ended: false } };
  }
  if (open.ts === "") return { kind: "ask", overtaken: false, notice: { ...open, shown } };
  return open.shown === shown ? null : { kind: "update", overtaken: false, notice: { ...open, shown } };
}
