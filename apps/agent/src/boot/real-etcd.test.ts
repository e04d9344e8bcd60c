import { existsSync, renameSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { etcdctl, findEtcd, freePort, HOW_TO_GET_ETCD, startEtcd, type EtcdServer } from "@quarterdeck/etcd/testing";
import { CodedError } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { z } from "zod";
import type { BootStep } from "./boot-step.ts";
import type { BootDisk, ClusterMarker, ListedMember, MemberMarker, MemberPeer } from "./boot-view.ts";
import { planBoot } from "./plan-boot.ts";

const listSchema = z.object({
  members: z.array(
    z.object({
      ID: z.number(),
      name: z.string().default(""),
      peerURLs: z.array(z.string()),
      isLearner: z.boolean().default(false),
    }),
  ),
});

type Ports = { readonly client: number; readonly peer: number };

/** Three machines on this computer, with a marker store in memory and folders for disks. */
class Machines implements AsyncDisposable {
  readonly steps: string[] = [];
  readonly peers: readonly MemberPeer[];
  readonly #ports: readonly Ports[];
  readonly #root: string;
  readonly #servers = new Map<string, EtcdServer>();
  readonly #notes = new Map<string, BootDisk>();
  readonly #markers = new Map<string, MemberMarker>();
  #clusterMarker: ClusterMarker | null = null;
  #fresh = 0;

  private constructor(root: string, ports: readonly Ports[]) {
    this.#root = root;
    this.#ports = ports;
    this.peers = ports.map(({ peer }, place) => ({ name: `etcd-${place}`, peerUrl: `http://127.0.0.1:${peer}` }));
  }

  static async create(): Promise<Machines> {
    const ports: Ports[] = [];
    while (ports.length < 3) ports.push({ client: await freePort(), peer: await freePort() });
    return new Machines(await mkdtemp(join(tmpdir(), "quarterdeck-boot-")), ports);
  }

  /** Boots one machine until its member votes. */
  async boot(place: number): Promise<void> {
    const self = this.peers[place];
    if (self === undefined) throw new RangeError(`no machine ${place}`);
    let added: string | null = null;
    for (;;) {
      this.#fresh += 1;
      const step = planBoot({
        self,
        members: this.peers,
        fresh: { attempt: `attempt-${this.#fresh}`, token: `token-${this.#fresh}` },
        disk: this.#diskOf(self.name),
        running: this.#servers.has(self.name),
        clusterMarker: this.#clusterMarker,
        memberMarker: this.#markers.get(self.name) ?? null,
        listed: await this.#list(),
        added,
      });
      this.steps.push(`${self.name} ${step.kind} ${step.reason}`);
      if (step.kind === "done") return;
      added = (await this.#take(place, self, step)) ?? added;
    }
  }

  /** The power goes, and the disk with it. */
  async loseDisk(place: number): Promise<void> {
    const name = this.#name(place);
    await this.server(place).kill();
    this.#servers.delete(name);
    this.#notes.delete(name);
    renameSync(join(this.#root, name), join(this.#root, `${name}-lost`));
  }

  async crash(place: number): Promise<void> {
    await this.server(place).kill();
    this.#servers.delete(this.#name(place));
  }

  server(place: number): EtcdServer {
    const server = this.#servers.get(this.#name(place));
    if (server === undefined) throw new Error(`machine ${place} is off`);
    return server;
  }

  /** As any machine that answers has it; null while no majority does. */
  async #list(): Promise<readonly ListedMember[] | null> {
    for (const server of this.#servers.values()) {
      try {
        const json = await etcdctl(server, "--command-timeout=2s", "member", "list", "--write-out=json");
        // A JSON number of 64 bits does not fit: the ids come as text of their own.
        const exact = json.replaceAll(
          /"ID":(\d+)/g,
          (_all, digits: string) => `"ID":0,"hex":"${BigInt(digits).toString(16)}"`,
        );
        const ids = [...exact.matchAll(/"hex":"([0-9a-f]+)"/g)].map(([, id]) => id ?? "");
        return listSchema.parse(JSON.parse(exact)).members.map(({ name, peerURLs, isLearner }, index) => ({
          id: ids[index] ?? "",
          name,
          peerUrls: peerURLs,
          isLearner,
        }));
      } catch (error) {
        if (!(error instanceof Error) || !/ended with/.test(error.message)) throw error;
      }
    }
    return null;
  }

  /** Resolves to the id of a learner that was added. */
  async #take(place: number, self: MemberPeer, step: BootStep): Promise<string | null> {
    const any = [...this.#servers.values()][0];
    switch (step.kind) {
      case "claim-cluster":
        this.#clusterMarker ??= step.marker;
        return null;
      case "claim-member":
        if (!this.#markers.has(self.name)) this.#markers.set(self.name, step.marker);
        return null;
      case "prepare-disk":
        this.#notes.set(self.name, step.disk);
        return null;
      case "remove-member":
        if (any !== undefined) await etcdctl(any, "member", "remove", step.id);
        return null;
      case "add-learner": {
        // etcd takes no new member before those that are left have been connected to each other for five seconds.
        const said =
          any === undefined
            ? null
            : await untilHealthy(() =>
                etcdctl(any, "member", "add", self.name, "--learner", `--peer-urls=${step.peerUrl}`),
              );
        return /^Member\s+([0-9a-f]+) added/m.exec(said ?? "")?.[1] ?? null;
      }
      case "promote":
        if (any !== undefined) await untilHealthy(() => etcdctl(any, "member", "promote", step.id));
        return null;
      case "start": {
        const { state, token, initialCluster } = step.start;
        const ports = this.#ports[place];
        const server = await startEtcd({
          name: self.name,
          directory: join(this.#root, self.name),
          ...(ports === undefined ? {} : { ports }),
          initialCluster: initialCluster.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(","),
          joins: state === "existing",
          ...(token === null ? {} : { clusterToken: token }),
        });
        this.#servers.set(self.name, server);
        return null;
      }
      case "wait":
        await wait(100);
        return null;
      default:
        throw new CodedError("INTERNAL", { message: `the test has no ${step.kind}` });
    }
  }

  #diskOf(name: string): BootDisk {
    if (existsSync(join(this.#root, name, "data", "member"))) return { kind: "used", memberId: null };
    return this.#notes.get(name) ?? { kind: "blank" };
  }

  #name(place: number): string {
    return this.peers[place]?.name ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) await server[Symbol.asyncDispose]();
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** For what etcd refuses as long as the cluster, or the learner, is not ready. */
async function untilHealthy(act: () => Promise<string>): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries >= 60 || !/unhealthy|in sync/.test(String(error))) throw error;
      await wait(500);
    }
  }
}

test("three blank disks become one cluster, and one whose disk is lost is three voters again, with all that was written", async (context) => {
  if (findEtcd() === null) return context.skip(HOW_TO_GET_ETCD);
  await using machines = await Machines.create();
  await Promise.all([0, 1, 2].map((place) => machines.boot(place)));
  await etcdctl(machines.server(0), "put", "before", "1");

  await machines.loseDisk(1);
  // If it was the leader, a write that comes before the two that are left have another one is lost with it.
  const read0 = () => etcdctl(machines.server(0), "get", "before", "--print-value-only").catch(() => "no leader");
  await expect.poll(read0, { timeout: 30_000 }).toBe("1\n");
  await etcdctl(machines.server(0), "put", "meanwhile", "2");
  machines.steps.length = 0;
  await machines.boot(1);
  expect(machines.steps.filter((step) => !step.includes(" wait "))).toEqual([
    "etcd-1 remove-member DISK_LOST",
    "etcd-1 add-learner DISK_LOST",
    "etcd-1 prepare-disk DISK_LOST",
    "etcd-1 start NEVER_RAN",
    "etcd-1 promote CAUGHT_UP",
    "etcd-1 done VOTES",
  ]);
  // What the new disk alone holds, without asking the others.
  const read = await etcdctl(machines.server(1), "get", "--consistency=s", "--prefix", "", "--print-value-only");
  expect(read.trim().split("\n").toSorted()).toEqual(["1", "2"]);

  // All off at once: each starts from its own disk, and nobody waits for anybody.
  for (const place of [0, 1, 2]) await machines.crash(place);
  machines.steps.length = 0;
  await Promise.all([0, 1, 2].map((place) => machines.boot(place)));
  expect(machines.steps.filter((step) => step.includes(" start ")).toSorted()).toEqual([
    "etcd-0 start SAME_DISK",
    "etcd-1 start SAME_DISK",
    "etcd-2 start SAME_DISK",
  ]);
  expect(await etcdctl(machines.server(2), "get", "meanwhile", "--print-value-only")).toBe("2\n");
}, 120_000);
