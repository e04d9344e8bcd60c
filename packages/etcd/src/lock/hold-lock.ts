import { CodedError } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import { leaveQuietly } from "../election/leave-quietly.ts";
import { stand, type Candidacy, type Held } from "../election/stand.ts";
import { keys } from "../keyspace/keys.ts";
import { modRevisionIs } from "../transaction/condition.ts";
import { createLock } from "./create-lock.ts";
import { claimJson, holderText } from "./lock-claim.ts";
import type { Lock, LockOptions } from "./lock.ts";

type Wanted = Pick<Candidacy, "overtake" | "patient"> & {
  readonly options: LockOptions;
  /** Ends only the waiting. */
  readonly deadline?: AbortSignal;
};

/** Stands for a lock until it is held; null when it is not patient, or its deadline comes. */
export async function holdLock(
  client: EtcdClient,
  { options, deadline, ...manner }: Wanted,
  signal: AbortSignal,
): Promise<Lock | null> {
  const { path: name } = keys.lock(options.scope);
  if (holderText(options.holder) === "")
    throw new CodedError("INVALID_CONFIG", { message: `whoever takes ${name} needs a name that people can read` });
  const lease = "lease" in options ? { lease: options.lease } : { ttlSeconds: options.ttlSeconds };
  const candidacy: Candidacy = { name, lease, describe: () => claimJson(options), ...manner };
  const until = deadline === undefined ? signal : AbortSignal.any([signal, deadline]);
  try {
    for (;;) {
      const held = await stand(client, candidacy, until);
      if (held === null) return null;
      if (await beginHold(client, { held, options }, signal)) return createLock(client, options.scope, held);
    }
  } catch (error) {
    if (deadline?.aborted === true && error === deadline.reason && !signal.aborted) return null;
    throw error;
  }
}

type Beginning = { readonly held: Held; readonly options: LockOptions };

/** Its time starts anew, for from now on it holds. False when its claim was removed in between; then it has to stand again. */
async function beginHold(client: EtcdClient, { held, options }: Beginning, signal: AbortSignal): Promise<boolean> {
  const { path, fence, lease, leave } = held;
  const put = { kind: "put", path, json: claimJson(options), lease: lease.id } as const;
  try {
    // Nobody else writes there: as it was created, so it still is.
    const { committed } = await client.transact({ when: [modRevisionIs({ path }, fence)], then: [put] }, signal);
    if (committed) return true;
  } catch (error) {
    await leaveQuietly(leave);
    throw error;
  }
  await leave();
  return false;
}
