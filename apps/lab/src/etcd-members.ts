import { request } from "node:https";
import type { Identities } from "./identities.ts";
import { until } from "./until.ts";

const ATTEMPT_MS = 1500;

/** Whether an etcd member answers and sees a leader, asked over mutual TLS. `endpoint` is its client URL. */
function isMemberHealthy(endpoint: string, identities: Identities, signal: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    const { root, ca } = identities;
    const call = request(
      `${endpoint}/health`,
      {
        ca,
        cert: root.cert,
        key: root.key,
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => done(false));
        response.on("end", () =>
          done(response.statusCode === 200 && Buffer.concat(chunks).includes('"health":"true"')),
        );
      },
    );
    // Not yet listening, cut off or frozen: all of them are "not healthy".
    call.on("error", () => done(false));
    call.end();
  });
}

/** Waits until a member is healthy; false when it is not after `forMs`. */
export function awaitMember(
  endpoint: string,
  identities: Identities,
  forMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return until(() => isMemberHealthy(endpoint, identities, signal), { everyMs: 100, forMs }, signal);
}
