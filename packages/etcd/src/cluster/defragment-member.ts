import { CodedError } from "@quarterdeck/model";
import type { Endpoints } from "../connection/endpoints.ts";
import { toCodedError } from "../connection/grpc-errors.ts";
import { pause } from "../connection/pause.ts";
import { examineMember } from "./examine-member.ts";

/** A full database of 8 GiB on a slow disk. */
const DEFRAGMENT_MS = 300_000;
const BACK_MS = 30_000;

/**
 * Has one member write its file anew and waits until it serves again; it serves nobody meanwhile.
 * @throws {CodedError} ETCD_FORBIDDEN, ETCD_UNREACHABLE, ETCD_TIMEOUT
 */
export async function defragmentMember(endpoints: Endpoints, url: string, signal: AbortSignal): Promise<void> {
  const endpoint = endpoints.all.find((one) => one.url === url);
  if (endpoint === undefined) throw new CodedError("INTERNAL", { message: `${url} is not an endpoint of ours` });
  const { principal, credentials } = endpoints;
  try {
    await endpoint.call("defragment", {}, DEFRAGMENT_MS, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw toCodedError(error, { action: "defragment it", principal, endpoint: url, credentials });
  }
  const until = performance.now() + BACK_MS;
  for (;;) {
    const { hasLeader, problem } = await examineMember(url, credentials, signal);
    if (hasLeader === true) return;
    if (performance.now() > until)
      throw new CodedError("ETCD_UNREACHABLE", {
        message: `etcd at ${url} did not come back after its defragmentation${problem === null ? "" : `: ${problem.message}`}`,
        try: "fleet doctor",
      });
    await pause(200, signal);
  }
}
