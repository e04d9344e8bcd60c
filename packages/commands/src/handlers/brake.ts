import { CodedError } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { deriveBrake, type BrakeStatus } from "../derive/derive-brake.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { appliedMutation } from "../requests/applied-mutation.ts";
import { mutate } from "../requests/mutate.ts";
import { done } from "../show/final.ts";
import type { ViewBlock } from "../view.ts";

export const brake: Handler<NoFlags, readonly [string | undefined]> = async function* (
  { flags, args },
  context,
  signal,
) {
  const [act = "status"] = args;
  if (act === "release") yield* release(flags, context, signal);
  else if (act === "status") {
    const found = deriveBrake(await readFacts(context, signal));
    yield done(found, blocksOf(found));
  } else
    throw new CodedError("USAGE", {
      message: `brake has no ${JSON.stringify(act)}`,
      why: "the brake is looked at, or released",
      try: "fleet brake status, or fleet brake release --reason …",
    });
};

async function* release(
  flags: GlobalFlags,
  context: CommandContext,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  if (flags.reason === undefined || flags.reason.trim() === "")
    throw new CodedError("USAGE", {
      message: "brake release: --reason is missing",
      why: "whoever reads the audit log must know why so many losses were taken for real",
      try: "fleet brake release --reason 'rack a burnt down'",
    });
  yield* mutate(appliedMutation({ action: { verb: "brake" }, flags, heading: "Releasing the brake" }), context, signal);
}

const HEADINGS = {
  off: "the brake is off",
  on: "the brake is on: units of lost machines stay where they are",
  released: "the brake is released: units of the machines that were lost are moved",
} as const satisfies Record<BrakeStatus["state"], string>;

function blocksOf(found: BrakeStatus): readonly ViewBlock[] {
  const lost = found.machines.map(({ hostname, machine }) => (hostname === "" ? machine.slice(0, 8) : hostname));
  const facts = [
    { label: "since", value: found.since },
    { label: "reason", value: found.reason },
    { label: "by", value: found.by },
    { label: "lost", value: lost.length === 0 ? null : lost.join(", ") },
  ];
  return [
    { kind: "heading", text: HEADINGS[found.state] },
    {
      kind: "fields",
      items: facts.flatMap(({ label, value }) => (value === null ? [] : [{ label, value }])),
    },
    ...(found.state === "on"
      ? [
          {
            kind: "note",
            tone: "warning",
            text: "once you know that they are gone, try fleet brake release --reason …",
          } as const,
        ]
      : []),
  ];
}
