import { CodedError } from "@quarterdeck/model";
import type { EtcdOptions } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import { Endpoints } from "../connection/endpoints.ts";
import { isServiceError } from "../connection/grpc-errors.ts";
import { readCredentials } from "../connection/read-credentials.ts";
import type { RpcName, Rpcs } from "../connection/rpcs.ts";

/** How to reach etcd with the certificate of `root`. */
export type RootConnection = Omit<EtcdOptions, "prefix">;

/**
 * One call as root; `action` is for people. Null when etcd says that it is done already (what is to be made exists, what is to go is gone): an
 * answer may have been lost, an earlier start been cut short, or somebody else be doing the same.
 */
export type RootCall = <Name extends RpcName>(
  action: string,
  name: Name,
  request: Rpcs[Name]["request"],
) => Promise<Rpcs[Name]["response"] | null>;

/** What only an administrator may do, over connections of its own that are gone afterwards. */
export async function asRoot<Result>(
  connection: RootConnection,
  work: (call: RootCall) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const credentials = connection.tls === null ? null : await readCredentials(connection.tls);
  const endpoints = new Endpoints({ ...connection, prefix: "/" }, credentials);
  try {
    return await work(async (action, name, request) => {
      try {
        return await callEtcd(endpoints, { name, request }, { action, repeatable: true }, signal);
      } catch (error) {
        if (isDone(error, name)) return null;
        throw error;
      }
    });
  } finally {
    endpoints.close();
  }
}

/** etcd's words for "nothing left to do", by the call that they answer: to another call "not found" is a failure. */
const DONE: Partial<Record<RpcName, RegExp>> = {
  roleAdd: /role name already exists/,
  userAdd: /user name already exists/,
  roleDelete: /role name not found/,
  userDelete: /user name not found/,
  roleGet: /role name not found/,
  userGet: /user name not found/,
  roleRevokePermission: /permission is not granted|role name not found/,
  userRevokeRole: /role is not granted/,
  leaseRevoke: /lease not found/,
};

function isDone(error: unknown, name: RpcName): boolean {
  if (!(error instanceof CodedError) || !isServiceError(error.cause)) return false;
  return DONE[name]?.test(error.cause.details) ?? false;
}
