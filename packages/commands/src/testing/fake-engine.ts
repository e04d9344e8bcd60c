import { finishRequest, ranges, type EtcdClient } from "@quarterdeck/etcd";
import type { Problem, Request, RequestOutcome } from "@quarterdeck/model";
import { AT, because } from "./seed-cluster.ts";

/** What the engine does with a request: the rest of the cluster's story, one transaction after the other. */
export type Script = (
  request: Request,
  etcd: EtcdClient,
) => Promise<Problem | Partial<Extract<RequestOutcome, { kind: "applied" }>>>;

/** Answers every request by the script until the signal fires; returns what it was asked, as it comes in. */
export function fakeEngine(etcd: EtcdClient, script: Script, signal: AbortSignal): readonly Request[] {
  const asked: Request[] = [];
  void (async () => {
    await using mirror = await etcd.mirror([ranges.requests.path], signal);
    for await (const _ of mirror.changes(signal)) {
      for (const entry of mirror.list(ranges.requests)) {
        const { value } = entry;
        if (value.outcome !== null || asked.some((one) => one.id === value.id)) continue;
        asked.push(value);
        const answer = await script(value, etcd);
        const outcome: RequestOutcome =
          "code" in answer
            ? { kind: "refused", problem: answer, at: AT }
            : {
                kind: "applied",
                changed: ["hello.service"],
                rollout: null,
                release: null,
                reason: because("REQUESTED"),
                at: AT,
                ...answer,
              };
        await etcd.transact(finishRequest(entry, outcome), signal);
      }
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return asked;
}
