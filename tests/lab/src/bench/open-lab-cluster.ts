import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectEtcd, followRequest, submitRequest, type EtcdClient } from "@quarterdeck/etcd";
import type { Principal, RequestAction, RequestId, Timestamp } from "@quarterdeck/model";
import { z } from "zod";

const contextSchema = z.object({
  endpoints: z.array(z.string()),
  prefix: z.string(),
  ca: z.string(),
  cert: z.string(),
  key: z.string(),
  user: z.string(),
});

/** The lab's etcd, as its local operator: without the start of a `fleet` process before each request. */
export type LabCluster = AsyncDisposable & {
  readonly client: EtcdClient;
  /** Resolves when the engine has answered. @throws {Error} when it refused */
  ask(action: RequestAction, signal: AbortSignal): Promise<void>;
};

/** Opens the cluster that the lab in `home` wrote a context for. */
export async function openLabCluster(home: string, signal: AbortSignal): Promise<LabCluster> {
  const context = contextSchema.parse(JSON.parse(await readFile(join(home, "contexts/local.json"), "utf8")));
  const { endpoints, prefix, ca, cert, key, user } = context;
  const client = await connectEtcd({ endpoints, tls: { ca, cert, key }, prefix }, signal);
  return {
    client,
    async ask(action, until) {
      const id = `bench-${randomUUID()}` as RequestId;
      const principal = user as Principal;
      const request = {
        v: 1 as const,
        id,
        actor: { principal, slack: null },
        action,
        why: "",
        submittedAt: new Date().toISOString() as Timestamp,
        outcome: null,
      };
      await submitRequest(client, request, until);
      for await (const { outcome } of followRequest(client, principal, id, until)) {
        if (outcome === null) continue;
        if (outcome.kind !== "applied") throw new Error(`${action.verb} was refused: ${JSON.stringify(outcome)}`);
        return;
      }
      until.throwIfAborted();
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
