import { setTimeout as wait } from "node:timers/promises";
import { freePort, startEtcd, type EtcdServer, type EtcdServerOptions } from "./etcd-server.ts";
import { etcdctl } from "./etcdctl.ts";
import { FaultProxy } from "./fault-proxy.ts";

/** Members on 127.0.0.1, m1 and so on, each behind a proxy of its own; each may be frozen, killed, restarted or replaced. */
export type EtcdCluster = AsyncDisposable & {
  /** By place: a replaced member has its predecessor's. */
  readonly members: readonly EtcdServer[];
  readonly proxies: readonly FaultProxy[];
  /** The members' own, past the proxies. */
  readonly endpoints: readonly string[];
  readonly proxied: readonly string[];
  /**
   * Removes a member and adds one with empty disks in its place, under the same name and address, as for a broken machine. Resolves when it is
   * one of them.
   */
  replace(place: number): Promise<void>;
};

type ClusterOptions = { readonly size?: number; readonly seed?: number } & Pick<
  EtcdServerOptions,
  "onDisk" | "electionMs"
>;

export async function startEtcdCluster({ size = 3, seed = 1, ...rest }: ClusterOptions = {}): Promise<EtcdCluster> {
  const plans: { readonly name: string; readonly ports: { readonly client: number; readonly peer: number } }[] = [];
  for (let place = 0; place < size; place += 1)
    plans.push({ name: `m${place + 1}`, ports: { client: await freePort(), peer: await freePort() } });
  const initialCluster = plans.map(({ name, ports }) => `${name}=${peerUrl(ports)}`).join(",");
  const members = await Promise.all(plans.map((plan) => startEtcd({ ...rest, ...plan, initialCluster })));
  const proxies = await Promise.all(members.map(({ url }, place) => FaultProxy.start(url, { seed: seed + place })));

  return {
    members,
    proxies,
    endpoints: members.map((member) => member.url),
    proxied: proxies.map((proxy) => proxy.url),
    async replace(place) {
      const [old, plan] = [members[place], plans[place]];
      const other = members.find((member) => member !== old);
      if (old === undefined || plan === undefined || other === undefined)
        throw new RangeError(`no member ${place} to replace among ${size}`);
      await old[Symbol.asyncDispose]();
      const listed = await etcdctl(other, "member", "list");
      const id =
        listed
          .split("\n")
          .find((line) => line.includes(` ${plan.name},`))
          ?.split(",")[0] ?? "";
      await etcdctl(other, "member", "remove", id);
      // etcd takes no new member before those that are left have been connected to each other for five seconds.
      await untilDone(() => etcdctl(other, "member", "add", plan.name, `--peer-urls=${peerUrl(plan.ports)}`));
      const joined = await startEtcd({ ...rest, ...plan, initialCluster, joins: true });
      members[place] = joined;
      // It has the history before anybody else may go.
      await untilDone(() => etcdctl(joined, "endpoint", "health"));
    },
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
      await Promise.all(members.map((member) => member[Symbol.asyncDispose]()));
    },
  };
}

/** For what etcd refuses as long as the cluster is not healthy. */
async function untilDone(act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (tries >= 60 || !/unhealthy/.test(String(error))) throw error;
      await wait(500);
    }
  }
}

const peerUrl = (ports: { readonly peer: number }): string => `http://127.0.0.1:${ports.peer}`;
