import type { ICompare, IRequestOp, ITxnRequest } from "etcd3";
import type { Condition, Operation, Transaction } from "../client.ts";
import { toDecimalLease } from "../lease/lease-id.ts";

/** The request for a transaction whose paths are relative to `prefix`; when it fails, `lookAt` is read in the same instant. */
export function encodeTransaction(prefix: string, { when, then }: Transaction, lookAt: string | null): ITxnRequest {
  return {
    compare: when.map((condition) => encodeCondition(prefix, condition)),
    success: then.map((operation) => encodeOperation(prefix, operation)),
    failure: lookAt === null ? [] : [{ request_range: { key: Buffer.from(prefix + lookAt) } }],
  };
}

function encodeCondition(prefix: string, condition: Condition): ICompare {
  const key = Buffer.from(prefix + condition.path);
  switch (condition.kind) {
    case "absent":
      return { key, target: "Create", result: "Equal", create_revision: "0" };
    case "present":
      return { key, target: "Create", result: "Greater", create_revision: "0" };
    case "modRevision":
      return { key, target: "Mod", result: "Equal", mod_revision: condition.is.toString() };
    case "createRevision":
      return { key, target: "Create", result: "Equal", create_revision: condition.is.toString() };
  }
}

function encodeOperation(prefix: string, operation: Operation): IRequestOp {
  const key = Buffer.from(prefix + operation.path);
  if (operation.kind === "delete") return { request_delete_range: { key } };
  const lease = operation.lease === null ? "0" : toDecimalLease(operation.lease);
  return { request_put: { key, value: Buffer.from(operation.json), lease } };
}
