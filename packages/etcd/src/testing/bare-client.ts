import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import type { TlsMaterial } from "../client.ts";

/** etcd3 itself, without our rules of what a client asks: the hands of somebody who means harm. Close it. */
export function bareClient(url: string, tls: TlsMaterial): Etcd3 {
  const breaker = { host: () => noop, global: noop };
  return new Etcd3({
    hosts: url,
    faultHandling: breaker,
    grpcOptions: { "grpc.ssl_target_name_override": "etcd" },
    credentials: {
      rootCertificate: Buffer.from(tls.ca),
      privateKey: Buffer.from(tls.key),
      certChain: Buffer.from(tls.cert),
      verifyOptions: { checkServerIdentity: () => undefined },
    },
  });
}
