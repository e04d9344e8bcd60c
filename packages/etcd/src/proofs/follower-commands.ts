import { setTimeout as wait } from "node:timers/promises";
import { assertNever } from "@quarterdeck/model";
import fc from "fast-check";
import type { LinkFaults } from "../testing/fault-link.ts";
import type { Direction } from "../testing/fault-proxy.ts";
import type { FollowerWorld } from "./follower-world.ts";
import type { RawWrite } from "./raw-etcd.ts";

type Action =
  | { readonly do: "write"; readonly writes: readonly RawWrite[] }
  | { readonly do: "burst"; readonly path: string; readonly count: number }
  | { readonly do: "follow"; readonly prefixes: readonly string[]; readonly from: "nothing" | "known" }
  | { readonly do: "stall" | "resume"; readonly follower: number }
  | { readonly do: "compact"; readonly behind: number }
  | { readonly do: "impair"; readonly member: number; readonly faults: LinkFaults; readonly way: readonly Direction[] }
  | { readonly do: "halfClose"; readonly member: number; readonly way: Direction }
  | { readonly do: "cut"; readonly member: number }
  | { readonly do: "kill" | "freeze"; readonly member: number }
  | { readonly do: "repair" | "settle" }
  | { readonly do: "wait"; readonly ms: number };

/** What the world is known to be, for actions that need a sound one. */
export type FollowerModel = { isSound: boolean; size: number };

class Command implements fc.AsyncCommand<FollowerModel, FollowerWorld> {
  readonly #action: Action;

  constructor(action: Action) {
    this.#action = action;
  }

  /** With a member down or frozen only three go on, and no second one may follow it. */
  check(model: Readonly<FollowerModel>): boolean {
    switch (this.#action.do) {
      case "kill":
      case "freeze":
        return model.isSound;
      case "write":
      case "burst":
      case "compact":
        return model.isSound || model.size > 1;
      default:
        return true;
    }
  }

  async run(model: FollowerModel, world: FollowerWorld): Promise<void> {
    if (this.#action.do === "kill" || this.#action.do === "freeze") model.isSound = false;
    if (this.#action.do === "repair" || this.#action.do === "settle") model.isSound = true;
    await act(world, this.#action);
  }

  toString(): string {
    return JSON.stringify(this.#action);
  }
}

async function act(world: FollowerWorld, action: Action): Promise<void> {
  const { cluster, etcd, followers } = world;
  switch (action.do) {
    case "write":
      await etcd.write(action.writes);
      return;
    case "burst":
      for (let n = 0; n < action.count; n += 1) await etcd.write([{ path: action.path, value: valueOf(n) }]);
      return;
    case "follow":
      world.follow(action.prefixes, action.from === "known" ? world.history.head : null);
      return;
    case "stall":
      return of(followers, action.follower)?.stall();
    case "resume":
      return of(followers, action.follower)?.resume();
    case "compact":
      return world.compact(action.behind);
    case "impair":
      return of(cluster.proxies, action.member)?.impair(action.faults, action.way);
    case "halfClose":
      return of(cluster.proxies, action.member)?.halfClose(action.way);
    case "cut":
      return of(cluster.proxies, action.member)?.cut();
    case "kill": {
      const place = action.member % cluster.members.length;
      world.impaired = { place, how: "killed" };
      return cluster.members[place]?.kill();
    }
    case "freeze": {
      const place = action.member % cluster.members.length;
      world.impaired = { place, how: "frozen" };
      return cluster.members[place]?.freeze();
    }
    case "repair":
      return world.repair();
    case "settle":
      return world.settle();
    case "wait":
      return wait(action.ms);
    default:
      return assertNever(action);
  }
}

const of = <Item>(items: readonly Item[], index: number): Item | undefined => items[index % items.length];
const valueOf = (n: number): string => JSON.stringify({ v: 1, n });

const index = fc.nat(5);
const path = fc.constantFrom("a/1", "a/2", "a/3", "b/1", "b/2", "c");
const way = fc.constantFrom<Direction>("toServer", "toClient");
const ways = fc.constantFrom<readonly Direction[]>(["toServer"], ["toClient"], ["toServer", "toClient"]);
const writes = fc.uniqueArray(
  fc.record({ path, value: fc.oneof({ weight: 3, arbitrary: fc.nat(99).map(valueOf) }, fc.constant(null)) }),
  { minLength: 1, maxLength: 4, selector: (write) => write.path },
);
const prefixes = fc.constantFrom(["a/"], ["c"], ["a/", "b/"], ["a/", "b/", "c"]);
const faults = fc.constantFrom<LinkFaults>(
  { delayMs: 5, jitterMs: 40 },
  { bytesPerSecond: 20_000 },
  { blackhole: "hold" },
  { blackhole: "drop" },
);

const arbitraries: Readonly<Record<Action["do"], { weight: number; arbitrary: fc.Arbitrary<Action> }>> = {
  write: { weight: 8, arbitrary: fc.record({ do: fc.constant("write" as const), writes }) },
  burst: { weight: 2, arbitrary: fc.record({ do: fc.constant("burst" as const), path, count: fc.nat(30) }) },
  follow: {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("follow" as const),
      prefixes,
      from: fc.constantFrom("nothing" as const, "known" as const),
    }),
  },
  stall: { weight: 1, arbitrary: fc.record({ do: fc.constant("stall" as const), follower: index }) },
  resume: { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), follower: index }) },
  compact: { weight: 2, arbitrary: fc.record({ do: fc.constant("compact" as const), behind: fc.nat(4) }) },
  impair: { weight: 2, arbitrary: fc.record({ do: fc.constant("impair" as const), member: index, faults, way: ways }) },
  halfClose: { weight: 1, arbitrary: fc.record({ do: fc.constant("halfClose" as const), member: index, way }) },
  cut: { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const), member: index }) },
  kill: { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), member: index }) },
  freeze: { weight: 1, arbitrary: fc.record({ do: fc.constant("freeze" as const), member: index }) },
  repair: { weight: 3, arbitrary: fc.constant({ do: "repair" as const }) },
  settle: { weight: 1, arbitrary: fc.constant({ do: "settle" as const }) },
  wait: { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(60) }) },
};

/** Command lists; the weights keep dear ones (a restart costs half a second) rare. */
export const followerCommands = fc.commands(
  Object.values(arbitraries).flatMap(({ weight, arbitrary }) =>
    Array.from({ length: weight }, () => arbitrary.map((action) => new Command(action))),
  ),
  { maxCommands: 14 },
);
