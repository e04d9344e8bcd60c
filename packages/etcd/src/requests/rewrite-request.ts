import { CodedError, requestSchema, type Request } from "@quarterdeck/model";
import type { Transaction } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { modRevisionIs } from "../transaction/condition.ts";
import { put } from "../transaction/operation.ts";

/** The next version of a request that is still open, where nobody else wrote meanwhile. Its key is the one it was read from, whatever it claims to be. */
export function rewriteRequest(
  entry: Entry<Request>,
  change: Pick<Partial<Request>, "claim" | "outcome">,
): Transaction {
  if (entry.value.outcome !== null)
    throw new CodedError("CONFLICT", { message: `${entry.path} has its outcome already`, why: "a request ends once" });
  const key = { path: entry.path, schema: requestSchema };
  return { when: [modRevisionIs(entry)], then: [put(key, { ...entry.value, ...change })] };
}
