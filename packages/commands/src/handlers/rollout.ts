import { CodedError, nearest, type Rollout } from "@quarterdeck/model";
import { deriveRolloutRow } from "../derive/derive-rollout-row.ts";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { rolloutSteps } from "../requests/rollout-steps.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";

export const rollout: Handler<NoFlags, readonly [string]> = async function* ({ args }, context, signal) {
  const facts = await readFacts(context, signal);
  const found = findRollout(facts, args[0]);
  const row = deriveRolloutRow(found);
  const steps = found.steps.map((step) => ({
    unit: step.unit,
    state: step.state,
    machine: step.machine,
    hostname: hostOf(facts, step.machine),
    reason: step.reason?.text ?? null,
  }));
  yield done({ ...row, steps }, [
    { kind: "heading", text: `${row.service} ${row.version}: ${row.state}, ${row.updated} of ${row.total}` },
    { kind: "steps", items: rolloutSteps(facts, found, context.clock.now()) },
    {
      kind: "fields",
      items: [
        { label: "rollout", value: row.rollout },
        { label: "release", value: `${row.release}${row.previous === null ? "" : ` (before: ${row.previous})`}` },
        { label: "by", value: orDash(row.by) },
        { label: "started", value: row.startedAt },
        { label: "ended", value: orDash(row.endedAt) },
        { label: "reason", value: row.reason },
      ],
    },
  ]);
};

/** By its id, or a service's name for its newest. */
function findRollout(facts: Facts, word: string): Rollout {
  const found = facts.rollouts.find((one) => one.id === word) ?? facts.rollouts.find((one) => one.service === word);
  if (found !== undefined) return found;
  const close = nearest(
    word,
    facts.rollouts.map((one) => one.id),
  );
  throw new CodedError("NOT_FOUND", {
    message: `there is no rollout ${word}`,
    try: close === null ? "fleet rollouts" : `fleet rollout ${close}`,
  });
}

function hostOf(facts: Facts, machine: Rollout["steps"][number]["machine"]): string | null {
  const at = machine === null ? undefined : facts.machines.get(machine);
  return at === undefined ? null : hostnameOf(at);
}
