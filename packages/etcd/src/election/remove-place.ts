import type { EtcdClient } from "../client.ts";
import { text } from "../keyspace/text.ts";
import { createRevisionIs } from "../transaction/condition.ts";
import { remove } from "../transaction/operation.ts";
import type { Place } from "./read-queue.ts";

/**
 * Leaves a queue whose lease stays; nothing happens when the place is no longer that one. It heeds no caller's signal, which may be why the place is
 * given up; each call has its own deadline.
 */
export async function removePlace(client: EtcdClient, { path, fence }: Pick<Place, "path" | "fence">): Promise<void> {
  const when = [createRevisionIs({ path }, fence)];
  // Whoever took it away: it is gone.
  await client.transact({ when, then: [remove({ path })], unique: true }, new AbortController().signal);
}

/** The same where the answer to its making was lost: what stands there with the very same words is it. */
export async function removeDoubtfulPlace(client: EtcdClient, { path, text: words }: Pick<Place, "path" | "text">) {
  const found = await client.get({ path, schema: text }, new AbortController().signal);
  if (found?.value === words) await removePlace(client, { path, fence: found.createRevision });
}
