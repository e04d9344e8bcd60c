import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import type { TlsMaterial } from "../client.ts";

/**
 * etcd3 itself, without our rules of what a client asks: the hands of somebody who means harm. With a password it asks etcd for a token, which
 * then counts instead of the certificate. Close it.
 */
export function bareClient(
  url: string,
  tls: TlsMaterial,
  auth?: { readonly username: string; readonly password: string },
): Etcd3 {
  const breaker = { host: () => noop, global: noop };
  return new Etcd3({
    hosts: url,
    faultHandling: breaker,
    ...(auth === undefined ? {} : { auth }),
    grpcOptions: { "grpc.ssl_target_name_override": "etcd" },
    credentials: {
      rootCertificate: Buffer.from(tls.ca),
      privateKey: Buffer.from(tls.key),
      certChain: Buffer.from(tls.cert),
      verifyOptions: { checkServerIdentity: () => undefined },
    },
  });
}
