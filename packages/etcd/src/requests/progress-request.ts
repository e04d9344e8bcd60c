import { CodedError, type Request, type RequestClaim } from "@quarterdeck/model";
import type { Transaction } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { rewriteRequest } from "./rewrite-request.ts";

/**
 * Says what is done now for a request that was claimed. One write for each step that somebody outside has to be waited for, never for what can be seen
 * from the facts (docs/decisions/003-requests-end-when-applied.md).
 * @throws {CodedError} CONFLICT when the request has its outcome, INTERNAL when nobody has claimed it
 */
export function progressRequest(entry: Entry<Request>, progress: Pick<RequestClaim, "doing" | "at">): Transaction {
  const { claim } = entry.value;
  if (claim === undefined)
    throw new CodedError("INTERNAL", { message: `${entry.path} makes progress, but nobody has claimed it` });
  return rewriteRequest(entry, { claim: { ...claim, ...progress } });
}
