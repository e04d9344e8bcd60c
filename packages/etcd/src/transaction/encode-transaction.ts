import type { ICompare, IRequestOp, ITxnRequest } from "etcd3";
import type { Condition, Operation } from "../client.ts";
import { toDecimalLease } from "../lease/lease-id.ts";
import type { PortTransaction } from "../port.ts";
import { pathsOf } from "./paths-of.ts";

/**
 * The request for a transaction whose paths are relative to `prefix`. Reads come before the writes, which would change what they find; when it
 * fails, what stands at `alsoElse` is read behind what the transaction itself wants to see.
 */
export function encodeTransaction(
  prefix: string,
  { when, then, thenRead = {}, elseRead = {} }: PortTransaction,
  alsoElse: readonly string[],
): ITxnRequest {
  const writes = then.map((operation) => encodeOperation(prefix, operation));
  return {
    compare: when.map((condition) => encodeCondition(prefix, condition)),
    success: [...pathsOf(thenRead).map((path) => encodeRead(prefix, path)), ...writes],
    failure: [...pathsOf(elseRead), ...alsoElse].map((path) => encodeRead(prefix, path)),
  };
}

function encodeRead(prefix: string, path: string): IRequestOp {
  return { request_range: { key: Buffer.from(prefix + path) } };
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
  const lease = operation.lease === null ? {} : { lease: toDecimalLease(operation.lease) };
  return { request_put: { key, value: Buffer.from(operation.json), ...lease } };
}
