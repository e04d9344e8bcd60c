import { assertNever } from "@quarterdeck/model";

/** What one client did to a register and what it was told. Values are unique, so that a value is a version. */
export type RegisterCall = {
  readonly action:
    | { readonly kind: "read"; readonly saw: string | null }
    | { readonly kind: "write"; readonly value: string }
    | { readonly kind: "compareAndSet"; readonly from: string | null; readonly to: string };
  /** `unknown`: it failed, and may have taken effect at any time after its beginning, or never. */
  readonly outcome: "done" | "refused" | "unknown";
  /** Instants of one clock that never gives the same twice; null while or where no answer came. */
  readonly began: number;
  readonly ended: number | null;
};

/**
 * Whether there is an order of the calls that a register without concurrency could have gone through, in which no call comes before one that
 * had ended when it began (Wing & Gong 1993, with the states remembered that led nowhere, after Lowe 2017). Registers begin as null.
 */
export function checkLinearizable(calls: readonly RegisterCall[]): boolean {
  // An unknown read tells nothing.
  const told = calls.filter(({ action, outcome }) => action.kind !== "read" || outcome === "done");
  const open = new Set(told);
  const deadEnds = new Set<string>();
  const numbers = new Map(told.map((call, index) => [call, index]));

  const search = (state: string | null): boolean => {
    if ([...open].every((call) => call.outcome === "unknown")) return true;
    const here = `${[...open].map((call) => numbers.get(call)).join(",")}|${state}`;
    if (deadEnds.has(here)) return false;
    const horizon = Math.min(...[...open].map(endOf));
    for (const call of [...open].filter(({ began }) => began < horizon)) {
      const next = apply(call, state);
      if (next === IMPOSSIBLE) continue;
      open.delete(call);
      if (search(next)) return true;
      open.add(call);
    }
    deadEnds.add(here);
    return false;
  };
  return search(null);
}

const IMPOSSIBLE = Symbol("impossible");

const endOf = ({ outcome, ended }: RegisterCall): number => (outcome === "unknown" ? Infinity : (ended ?? Infinity));

/** The state after a call, if its answer fits the state before it. */
function apply({ action, outcome }: RegisterCall, state: string | null): string | null | typeof IMPOSSIBLE {
  switch (action.kind) {
    case "read":
      return action.saw === state ? state : IMPOSSIBLE;
    case "write":
      return outcome === "refused" ? IMPOSSIBLE : action.value;
    case "compareAndSet":
      if (outcome === "refused") return state === action.from ? IMPOSSIBLE : state;
      // Without effect it might as well not have been: those of unknown outcome may be left over.
      return state === action.from ? action.to : IMPOSSIBLE;
    default:
      return assertNever(action);
  }
}
