import { CodedError } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import { keys } from "../keyspace/keys.ts";
import { holdLock } from "./hold-lock.ts";
import { listLocks, readLock } from "./list-locks.ts";
import type { Lock, Locks } from "./lock.ts";
import { overtake } from "./overtake.ts";
import { resumeLock } from "./resume-lock.ts";

/** Node's timers take no longer delay. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** The locks of a client. */
export function createLocks(client: EtcdClient): Locks {
  return {
    async acquire(options, signal) {
      return held(await holdLock(client, { options }, signal));
    },
    async attempt({ waitMs = 0, ...options }, signal) {
      if (waitMs === 0) return holdLock(client, { options, patient: false }, signal);
      return holdLock(client, { options, deadline: AbortSignal.timeout(checkWait(waitMs)) }, signal);
    },
    async steal({ from = null, ...options }, signal) {
      const { path } = keys.lock(options.scope);
      return held(await holdLock(client, { options, overtake: overtake(client, { path, options, from }) }, signal));
    },
    resume: (options, signal) => resumeLock(client, options, signal),
    read: (scope, signal) => readLock(client, scope, signal),
    list: (signal) => listLocks(client, signal),
  };
}

function checkWait(waitMs: number): number {
  if (waitMs > 0 && waitMs <= LONGEST_WAIT_MS) return waitMs;
  throw new CodedError("INVALID_CONFIG", {
    message: `nobody can wait ${waitMs} ms for a lock: it takes a number from 0 to ${LONGEST_WAIT_MS}`,
  });
}

/** Only who is not patient goes without. */
function held(lock: Lock | null): Lock {
  if (lock !== null) return lock;
  throw new CodedError("INTERNAL", { message: "a lock was waited for and not held" });
}
