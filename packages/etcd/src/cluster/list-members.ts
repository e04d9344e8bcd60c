import { CodedError } from "@quarterdeck/model";
import type { EtcdMember } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoint } from "../connection/endpoint.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { isServiceError, toCodedError } from "../connection/grpc-errors.ts";
import type { Rpcs } from "../connection/rpcs.ts";

const STATUS_MS = 1_000;

/** The cluster's own list of members, each asked for its state over the endpoint that reaches it. */
export async function listMembers(endpoints: Endpoints, signal: AbortSignal): Promise<readonly EtcdMember[]> {
  const call = { name: "memberList", request: { linearizable: false } } as const;
  const { members } = await callEtcd(endpoints, call, { action: "list etcd's members", repeatable: true }, signal);
  const answers = await Promise.all(endpoints.all.map((endpoint) => statusOf(endpoint, endpoints.principal, signal)));
  const found = members.map((member): EtcdMember => {
    const answer = answers.find((each) => each?.status.header.member_id === member.ID);
    const status = answer?.status;
    return {
      name: member.name,
      id: BigInt(member.ID).toString(16),
      endpoint: answer?.endpoint.url ?? member.clientURLs[0] ?? "",
      // A member without a leader answers, but serves nothing.
      healthy: status !== undefined && status.leader !== "0",
      leader: status === undefined ? null : status.leader === member.ID,
      version: status?.version ?? null,
      databaseBytes: status === undefined ? null : Number(status.dbSize),
    };
  });
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

type Answer = { readonly endpoint: Endpoint; readonly status: Rpcs["status"]["response"] };

async function statusOf(endpoint: Endpoint, principal: string, signal: AbortSignal): Promise<Answer | null> {
  try {
    return { endpoint, status: await endpoint.call("status", {}, STATUS_MS, signal) };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = isServiceError(thrown)
      ? toCodedError(thrown, { action: "see a member's status", principal, endpoint: endpoint.url })
      : thrown;
    if (error instanceof CodedError && error.code !== "ETCD_FORBIDDEN") return null;
    throw error;
  }
}
