import type { EtcdClient, Term } from "../client.ts";
import { stand } from "./stand.ts";
import { Tenure } from "./tenure.ts";

type CampaignOptions = Parameters<EtcdClient["campaign"]>[0];

/** Stands for election by etcd's own concurrency recipe, as `etcdctl elect` does. */
export async function campaign(
  client: EtcdClient,
  { election, value, ttlSeconds }: CampaignOptions,
  signal: AbortSignal,
): Promise<Term> {
  const json = JSON.stringify(value) ?? "null";
  const held = await stand(client, { name: election, lease: { ttlSeconds }, describe: () => json }, signal);
  const tenure = new Tenure({ ...held, client, name: `the term that began at revision ${held.fence}` });
  return {
    leaderKey: held.path,
    fence: held.fence,
    get lost() {
      return tenure.lost;
    },
    check: () => tenure.check(),
    transact: (transaction, until) => tenure.transact(transaction, until),
    resign: () => tenure.end(),
    [Symbol.asyncDispose]: () => tenure.end(),
  };
}
