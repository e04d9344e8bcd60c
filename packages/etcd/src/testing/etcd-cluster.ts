import { freePort, startEtcd, type EtcdServer } from "./etcd-server.ts";

/** Three members on 127.0.0.1; each may be frozen or killed. */
export type EtcdCluster = AsyncDisposable & {
  readonly members: readonly EtcdServer[];
  readonly endpoints: readonly string[];
};

export async function startEtcdCluster(): Promise<EtcdCluster> {
  const plans = [];
  for (const name of ["m1", "m2", "m3"])
    plans.push({ name, ports: { client: await freePort(), peer: await freePort() } });
  const initialCluster = plans.map(({ name, ports }) => `${name}=http://127.0.0.1:${ports.peer}`).join(",");
  const members = await Promise.all(plans.map((plan) => startEtcd({ ...plan, initialCluster })));
  return {
    members,
    endpoints: members.map((member) => member.url),
    [Symbol.asyncDispose]: async () => {
      for (const member of members) await member[Symbol.asyncDispose]();
    },
  };
}
