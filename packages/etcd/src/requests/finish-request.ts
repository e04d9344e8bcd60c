import type { Request, RequestOutcome } from "@quarterdeck/model";
import type { Transaction } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { rewriteRequest } from "./rewrite-request.ts";

/**
 * Gives a request its outcome: a part of the transaction that writes the effect, so that neither is there without the other. Whoever follows it sees
 * the outcome last.
 * @throws {CodedError} CONFLICT when the request has one
 */
export function finishRequest(entry: Entry<Request>, outcome: RequestOutcome): Transaction {
  return rewriteRequest(entry, { outcome });
}
