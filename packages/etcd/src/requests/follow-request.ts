import { CodedError, type Principal, type Request, type RequestId } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import { keys } from "../keyspace/keys.ts";

/**
 * Yields the request as it is, then each version of it, and ends after the one that has an outcome.
 * @throws {CodedError} NOT_FOUND when there is no such request, or no longer
 */
export async function* followRequest(
  client: EtcdClient,
  principal: Principal,
  id: RequestId,
  signal: AbortSignal,
): AsyncIterable<Request> {
  const key = keys.request(principal, id);
  await using mirror = await client.mirror([key.path], signal);
  for await (const _ of mirror.changes(signal)) {
    const found = mirror.get(key);
    if (found === null) throw new CodedError("NOT_FOUND", { message: `there is no request ${id} of ${principal}` });
    yield found.value;
    if (found.value.outcome !== null) return;
  }
}
