import { CodedError } from "@quarterdeck/model";
import type { EtcdClient, EtcdOptions } from "../client.ts";
import { createClient } from "../create-client.ts";
import { createGrpcPort } from "../grpc-port.ts";
import { Endpoints } from "./endpoints.ts";

/**
 * Makes a client; asks etcd nothing yet, so that a process can start while etcd is away. Certificate files are read again when they change,
 * and nothing under way is dropped for it; a certificate that has run out is told by the calls it fails.
 * @throws {CodedError} INVALID_CONFIG, INVALID_CERTIFICATE
 */
export async function connectEtcd(options: EtcdOptions, signal: AbortSignal): Promise<EtcdClient> {
  if (!/^\/([A-Za-z0-9_.-]+\/)+$/.test(options.prefix)) {
    throw new CodedError("INVALID_CONFIG", {
      message: `etcd prefix ${JSON.stringify(options.prefix)} does not begin and end with /`,
    });
  }
  return createClient(createGrpcPort(await Endpoints.open(options, signal), options.prefix));
}
