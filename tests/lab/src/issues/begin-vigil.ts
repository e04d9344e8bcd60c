import { setTimeout as delay } from "node:timers/promises";
import type { Observation } from "../chaos/observation.ts";
import { observe } from "../chaos/observe.ts";
import type { LabHandle } from "../create-lab-handle.ts";

const LOOK_MS = 400;

/** Looks at units by every machine's own systemd, over and over, until it is disposed of. */
export type Vigil = AsyncDisposable & {
  /** What differed from the look before: `hello.service started on m2`, `hello.service stopped on m1`; started anew is both. */
  readonly changes: readonly string[];
  /** The fewest copies of a unit that any look found. */
  fewest(unit: string): number;
  /** Ends the looking. @returns how many looks there were */
  end(): Promise<number>;
};

/** Resolves after the first look, so that whatever is done from then on is seen. Machines that cannot be asked count as they were. */
export async function beginVigil(lab: LabHandle, units: readonly string[]): Promise<Vigil> {
  const changes: string[] = [];
  const fewest = new Map<string, number>();
  let looks = 0;
  let before: ReadonlySet<string> | null = null;
  const over = new AbortController();

  const look = async (): Promise<void> => {
    const now = copiesIn(await observe(lab, units, looks), before);
    for (const unit of units) {
      const copies = [...now].filter((copy) => copy.startsWith(`${unit} `)).length;
      fewest.set(unit, Math.min(copies, fewest.get(unit) ?? copies));
    }
    if (before !== null) {
      for (const copy of before) if (!now.has(copy)) changes.push(said(copy, "stopped"));
      for (const copy of now) if (!before.has(copy)) changes.push(said(copy, "started"));
    }
    before = now;
    looks += 1;
  };

  await look();
  const looking = (async () => {
    while (!over.signal.aborted) {
      await look();
      await delay(LOOK_MS);
    }
  })();
  // Whoever ends the vigil is told; until then nobody waits for it.
  looking.catch(() => undefined);
  const end = async (): Promise<number> => {
    over.abort();
    await looking;
    return looks;
  };
  return {
    changes,
    fewest: (unit) => fewest.get(unit) ?? 0,
    end,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

/** A line a copy: unit, machine and the start that it is in. */
function copiesIn({ machines }: Observation, before: ReadonlySet<string> | null): ReadonlySet<string> {
  return new Set(
    machines.flatMap(({ name, active }) =>
      active === null
        ? [...(before ?? [])].filter((copy) => copy.split(" ")[1] === name)
        : [...active].map(([unit, invocation]) => `${unit} ${name} ${invocation}`),
    ),
  );
}

function said(copy: string, what: string): string {
  const [unit, machine] = copy.split(" ");
  return `${unit} ${what} on ${machine}`;
}
