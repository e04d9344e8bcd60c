import { CodedError, type Request } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import { keys } from "../keyspace/keys.ts";
import { absent } from "../transaction/condition.ts";
import { put } from "../transaction/operation.ts";

/**
 * Writes a request under its idempotency key. The same request again is `created: false`, whatever came of it meanwhile; its time of
 * submission does not count.
 * @throws {CodedError} CONFLICT when the key was used for another request
 */
export async function submitRequest(
  client: EtcdClient,
  request: Request,
  signal: AbortSignal,
): Promise<{ readonly created: boolean }> {
  const key = keys.request(request.actor.principal, request.id);
  const { committed } = await client.transact(
    // The same content under the same id is the same request, whoever wrote it.
    { when: [absent(key)], then: [put(key, { ...request, claim: undefined, outcome: null })], unique: true },
    signal,
  );
  if (committed) return { created: true };
  const found = await client.get(key, signal);
  if (found === null || contentOf(found.value) === contentOf(request)) return { created: false };
  throw new CodedError("CONFLICT", {
    message: `request ${request.id} was already used for something else`,
    why: "an idempotency key names one request",
    try: "send it again with a new id",
  });
}

function contentOf({ actor, action, why }: Request): string {
  return canonical({ actor, action, why });
}

/** JSON with sorted keys, so that two spellings of one content are one text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
