import type { Principal } from "@quarterdeck/model";
import { asRoot, type RootConnection } from "./root-session.ts";

/**
 * Takes all rights from a principal, for every call that it makes from now on; false when etcd did not know it. What etcd checked before goes on: its
 * open watches are served until their members of etcd are restarted, one by one (docs/revocation.md).
 * @throws {CodedError} ETCD_FORBIDDEN when the certificate is not root's, ETCD_UNREACHABLE, ETCD_TIMEOUT
 */
export async function revokeUser(
  connection: RootConnection,
  principal: Principal,
  signal: AbortSignal,
): Promise<boolean> {
  return asRoot(
    connection,
    async (call) => {
      const known = (await call("list users", "userList", {}))?.users.includes(principal) ?? false;
      // The user first: a role alone lets nobody in, a user without a role would still be somebody.
      await call(`delete user ${principal}`, "userDelete", { name: principal });
      await call(`delete role ${principal}`, "roleDelete", { role: principal });
      return known;
    },
    signal,
  );
}
