import { status } from "@grpc/grpc-js";
import { CodedError } from "@quarterdeck/model";
import type { IKeyValue, IRangeRequest, IRangeResponse } from "etcd3";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { isServiceError } from "../connection/grpc-errors.ts";
import type { PageSize } from "./page-size.ts";

/** Absolute keys `[from, end)`, or the one key where `end` is null; `revision` null means the newest. */
export type PageRequest = {
  readonly from: Buffer;
  readonly end: string | null;
  readonly revision: string | null;
  /** Leaves the values out, all of them empty then. */
  readonly keysOnly?: boolean;
};

export type RawPage = {
  readonly revision: string;
  readonly clusterId: string;
  readonly kvs: readonly IKeyValue[];
  /** Where the next page begins; null when this is the last. */
  readonly next: Buffer | null;
};

/** Reads one page, in smaller pieces where etcd cannot send it in one. */
export async function readPage(
  endpoints: Endpoints,
  { from, end, revision, keysOnly = false }: PageRequest,
  size: PageSize,
  signal: AbortSignal,
): Promise<RawPage> {
  for (;;) {
    const request: IRangeRequest = {
      key: from,
      ...(end === null ? {} : { range_end: Buffer.from(end), limit: size.keys }),
      ...(revision === null ? {} : { revision }),
      ...(keysOnly ? { keys_only: true } : {}),
    };
    try {
      const options = { action: `read ${from.toString()}`, repeatable: true };
      const answer: IRangeResponse = await callEtcd(endpoints, { name: "range", request }, options, signal);
      const { kvs, more, header } = answer;
      const last = kvs.at(-1);
      size.came(kvs.map((kv) => kv.value.length + kv.key.length));
      const next = more && last !== undefined ? Buffer.concat([last.key, Buffer.of(0)]) : null;
      return { revision: header.revision, clusterId: header.cluster_id, kvs, next };
    } catch (error) {
      if (end === null || !isTooLarge(error) || !size.shrink()) throw error;
    }
  }
}

/** More than the channel takes, or than etcd sends before the deadline. */
function isTooLarge(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  if (error.code === "ETCD_TIMEOUT") return true;
  return isServiceError(error.cause) && error.cause.code === status.RESOURCE_EXHAUSTED;
}
