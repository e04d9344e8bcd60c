import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { checkLinearizable, type RegisterCall } from "./check-linearizable.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

type Action = RegisterCall["action"];
const read = (saw: string | null): Action => ({ kind: "read", saw });
const write = (value: string): Action => ({ kind: "write", value });
const cas = (from: string | null, to: string): Action => ({ kind: "compareAndSet", from, to });
const call = (began: number, ended: number | null, action: Action, outcome: RegisterCall["outcome"] = "done") => ({
  action,
  outcome,
  began,
  ended,
});

describe("accepts", () => {
  test.each<{ what: string; calls: readonly RegisterCall[] }>([
    { what: "nothing at all", calls: [] },
    { what: "calls one after the other", calls: [call(1, 2, write("a")), call(3, 4, read("a"))] },
    {
      what: "a read beside a write that saw what was before",
      calls: [call(1, 4, write("a")), call(2, 3, read(null)), call(5, 6, read("a"))],
    },
    {
      what: "an unknown write that took effect late",
      calls: [call(1, null, write("a"), "unknown"), call(2, 3, read(null)), call(4, 5, read("a"))],
    },
    {
      what: "an unknown write that never did",
      calls: [call(1, null, write("a"), "unknown"), call(2, 3, read(null)), call(4, 5, read(null))],
    },
    {
      what: "two of which one won",
      calls: [call(1, 4, cas(null, "a")), call(2, 3, cas(null, "b"), "refused"), call(5, 6, read("a"))],
    },
  ])("$what", ({ calls }) => expect(checkLinearizable(calls)).toBe(true));

  test("every history that a real register makes, however its calls overlap", () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom("read", "write", "right", "wrong"),
        early: fc.nat(3),
        late: fc.nat(3),
        lost: fc.boolean(),
      }),
      { maxLength: 14 },
    );
    fc.assert(fc.property(steps, (plan) => checkLinearizable(recorded(plan))));
  });
});

describe("rejects", () => {
  test.each<{ what: string; calls: readonly RegisterCall[] }>([
    { what: "a lost write", calls: [call(1, 2, write("a")), call(3, 4, read(null))] },
    {
      what: "a stale read",
      calls: [call(1, 2, write("a")), call(3, 4, write("b")), call(5, 6, read("a"))],
    },
    {
      what: "two winners of one comparison",
      calls: [call(1, 4, cas(null, "a")), call(2, 3, cas(null, "b"))],
    },
    {
      what: "a refusal of what took effect",
      calls: [call(1, 2, cas(null, "a"), "refused"), call(3, 4, read("a"))],
    },
    {
      what: "an effect before its cause",
      calls: [call(1, 2, read("a")), call(3, 4, write("a"))],
    },
    {
      what: "two readers who disagree about the order",
      calls: [
        call(1, 10, write("a")),
        call(2, 11, write("b")),
        call(3, 4, read("a")),
        call(5, 6, read("b")),
        call(7, 8, read("a")),
      ],
    },
    {
      what: "an unknown write that took effect, was undone and came again",
      calls: [
        call(1, null, write("a"), "unknown"),
        call(2, 3, read("a")),
        call(4, 5, write("b")),
        call(6, 7, read("a")),
      ],
    },
  ])("$what", ({ calls }) => expect(checkLinearizable(calls)).toBe(false));
});

type Step = { readonly kind: string; readonly early: number; readonly late: number; readonly lost: boolean };

/** Plays the steps one after the other on a register, each at its tenth instant, and then stretches them so that they overlap. */
function recorded(plan: readonly Step[]): readonly RegisterCall[] {
  let state: string | null = null;
  return plan.map(({ kind, early, late, lost }, index) => {
    const value = `v${index}`;
    const [began, ended] = [index * 10 - early * 10 - 1, index * 10 + late * 10 + 1].map((at) => at + index / 100);
    const before: string | null = state;
    if (kind === "read") return call(began ?? 0, ended ?? 0, read(before));
    if (kind === "wrong") return call(began ?? 0, ended ?? 0, cas("never there", value), "refused");
    state = value;
    return call(
      began ?? 0,
      ended ?? 0,
      kind === "write" ? write(value) : cas(before, value),
      lost ? "unknown" : "done",
    );
  });
}
