import { systemClock, type Clock } from "@quarterdeck/commands";
import type { FakeEtcd } from "@quarterdeck/etcd/testing";
import { principalSchema } from "@quarterdeck/model";
import { pino } from "pino";
import type { BotParts } from "../bot-parts.ts";
import { EditBudget } from "../edit-budget.ts";
import type { FakeChannel } from "./fake-channel.ts";

type ReplicaOptions = { readonly etcd: FakeEtcd; readonly slack: FakeChannel; readonly clock?: Clock };

/** One replica of the bot over an etcd in memory; what it owns hangs on a lease of its own. */
export async function createReplica(
  { etcd, slack, clock = systemClock }: ReplicaOptions,
  signal: AbortSignal,
): Promise<BotParts> {
  const lease = await etcd.grantLease({ ttlSeconds: 15 }, signal);
  return {
    etcd,
    base: {
      etcd,
      principal: principalSchema.parse("bot"),
      agent: {
        async *journal() {
          yield "";
        },
        status: async () => "",
      },
      clusterCa: async () => "",
      clock,
      newId: () => crypto.randomUUID(),
    },
    messenger: slack.messenger,
    groups: { of: async () => ["developers"] },
    budget: new EditBudget(clock),
    replica: lease.id,
    leaseId: () => lease.id,
    log: pino({ level: "silent" }),
  };
}
