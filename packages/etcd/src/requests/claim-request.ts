import type { Request, RequestClaim } from "@quarterdeck/model";
import type { Transaction } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { rewriteRequest } from "./rewrite-request.ts";

/**
 * Says who works on a request that has to wait, and at what. To be committed under a term's fence, which is what makes the claim the only one: a claim
 * of somebody else is of a former leader and is taken over.
 * @throws {CodedError} CONFLICT when the request has its outcome
 */
export function claimRequest(entry: Entry<Request>, claim: RequestClaim): Transaction {
  return rewriteRequest(entry, { claim });
}
