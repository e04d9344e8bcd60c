import type { TLSSocket } from "node:tls";
import { principalSchema, type Principal } from "@quarterdeck/model";

/** Those who may read journal and status: people, the bot, the engine. A machine may not read another machine. */
const READERS = /^(operator:.+|bot|engine|root)$/;

/** The name in the client's certificate when it may read; the chain has been checked by TLS. `null` for everybody else. */
export function authorisePeer(socket: Pick<TLSSocket, "authorized" | "getPeerCertificate">): Principal | null {
  if (!socket.authorized) return null;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  const principal = principalSchema.safeParse(name);
  return principal.success && READERS.test(principal.data) ? principal.data : null;
}
