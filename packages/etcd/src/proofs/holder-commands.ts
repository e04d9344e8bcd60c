import { setTimeout as wait } from "node:timers/promises";
import { assertNever } from "@quarterdeck/model";
import fc from "fast-check";
import type { LinkFaults } from "../testing/fault-link.ts";
import type { Direction } from "../testing/fault-proxy.ts";
import type { HolderWorld, Manner } from "./holder-world.ts";

type Action =
  | { readonly do: "stand"; readonly candidate: number; readonly manner: Manner }
  | { readonly do: "write" | "giveUp"; readonly holding: number }
  | { readonly do: "evict"; readonly holding: number; readonly how: "delete" | "revoke" }
  | {
      readonly do: "impair";
      readonly candidate: number;
      readonly faults: LinkFaults;
      readonly way: readonly Direction[];
    }
  | { readonly do: "cut" | "heal"; readonly candidate: number }
  | { readonly do: "kill" | "freeze"; readonly member: number }
  | { readonly do: "repair" }
  /** `turn`: until the next has acquired something, or so long. */
  | { readonly do: "wait" | "turn" | "stop"; readonly ms: number };

/** What the cluster is known to be, for actions that need a sound one. */
export type HolderModel = { isSound: boolean; size: number };

class Command implements fc.AsyncCommand<HolderModel, HolderWorld> {
  readonly #action: Action;

  constructor(action: Action) {
    this.#action = action;
  }

  /** No second member may follow one that is down or frozen, and eviction goes past the candidates' patience. */
  check(model: Readonly<HolderModel>): boolean {
    switch (this.#action.do) {
      case "kill":
      case "freeze":
        return model.isSound;
      case "evict":
        return model.isSound || model.size > 1;
      default:
        return true;
    }
  }

  async run(model: HolderModel, world: HolderWorld): Promise<void> {
    if (this.#action.do === "kill" || this.#action.do === "freeze") model.isSound = false;
    if (this.#action.do === "repair") model.isSound = true;
    await act(world, this.#action);
  }

  toString(): string {
    return JSON.stringify(this.#action);
  }
}

async function act(world: HolderWorld, action: Action): Promise<void> {
  const { cluster, candidates, witness } = world;
  switch (action.do) {
    case "stand": {
      const candidate = of(candidates, action.candidate);
      return candidate === undefined ? undefined : world.stand(candidate, action.manner);
    }
    case "write":
    case "giveUp": {
      const holding = latest(witness.holdings, action.holding);
      return holding === undefined ? undefined : witness[action.do](holding);
    }
    case "evict": {
      const holding = latest(witness.holdings, action.holding);
      return holding === undefined ? undefined : world.evict(holding, action.how);
    }
    case "impair":
      return of(candidates, action.candidate)?.impair(action.faults, action.way);
    case "cut":
    case "heal":
      return of(candidates, action.candidate)?.[action.do]();
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
    case "wait":
      await wait(action.ms);
      return;
    case "turn":
      return witness.turn(action.ms);
    case "stop":
      return witness.stop(action.ms);
    default:
      return assertNever(action);
  }
}

const of = <Item>(items: readonly Item[], index: number): Item | undefined => items[index % items.length];

/** Counted from the last, so that small numbers mean those that may still hold. */
const latest = <Item>(items: readonly Item[], index: number): Item | undefined => items.at(-1 - (index % items.length));

const index = fc.nat(5);
const holding = fc.nat(3);
const ttlSeconds = fc.constantFrom(1, 1, 2);
const manner = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ contest: fc.constant("election" as const), how: fc.constant("wait" as const), ttlSeconds }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      contest: fc.constant("lock" as const),
      how: fc.constantFrom("wait" as const, "wait" as const, "attempt" as const, "steal" as const, "shared" as const),
      ttlSeconds,
    }),
  },
);
const way = fc.constantFrom<readonly Direction[]>(["toServer"], ["toClient"], ["toServer", "toClient"]);
const faults = fc.constantFrom<LinkFaults>(
  { delayMs: 5, jitterMs: 60 },
  { blackhole: "hold" },
  { blackhole: "hold" },
  { blackhole: "drop" },
);

const is = <Name extends Action["do"]>(name: Name) => fc.constant(name);

/** Command lists; the weights keep dear ones (a wait as long as a lease, a restart) rare. */
const weighted: readonly (readonly [number, fc.Arbitrary<Action>])[] = [
  [10, fc.record({ do: is("stand"), candidate: index, manner })],
  [10, fc.record({ do: is("write"), holding })],
  [4, fc.record({ do: is("giveUp"), holding })],
  [3, fc.record({ do: is("evict"), holding, how: fc.constantFrom("delete" as const, "revoke" as const) })],
  [3, fc.record({ do: is("impair"), candidate: index, faults, way })],
  [1, fc.record({ do: is("cut"), candidate: index })],
  [5, fc.record({ do: is("heal"), candidate: index })],
  [1, fc.record({ do: fc.constantFrom("kill" as const, "freeze" as const), member: index })],
  [3, fc.record({ do: is("repair") })],
  [3, fc.record({ do: is("wait"), ms: fc.nat(60) })],
  [8, fc.record({ do: is("turn"), ms: fc.constant(150) })],
  [1, fc.record({ do: is("wait"), ms: fc.constant(1_500) })],
  [1, fc.record({ do: is("stop"), ms: fc.constantFrom(50, 50, 200, 200, 1_100) })],
];

/** Long enough that most candidates have held, been waited for and been succeeded. */
export const holderCommands = fc.array(
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary: arbitrary.map((one) => new Command(one)) }))),
  { minLength: 20, maxLength: 45, size: "max" },
);
