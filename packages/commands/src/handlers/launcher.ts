import { problemOf } from "@quarterdeck/model";
import { CATALOGUE } from "../catalogue/catalogue.ts";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { deriveStatus } from "../derive/derive-status.ts";
import { readFacts } from "../facts/read-facts.ts";
import { describeCommand } from "../help/describe-command.ts";
import { done } from "../show/final.ts";
import { count } from "../show/table.ts";
import type { ViewBlock } from "../view.ts";

/** The verbs that are typed most. */
const OFTEN: readonly string[] = [
  "status",
  "list-units",
  "list-machines",
  "services",
  "deploy",
  "start",
  "journal",
  "why",
];

/** What a bare `/fleet` answers: how the cluster is, and what to type; a cluster that does not answer is no reason not to say the rest. */
export async function* launcher(context: CommandContext, signal: AbortSignal): AsyncIterable<CommandUpdate> {
  const health = await healthLine(context, signal);
  const items = OFTEN.flatMap((name) => {
    const spec = CATALOGUE.find((one) => one.name === name);
    return spec === undefined ? [] : [{ label: `/${bare(describeCommand(spec).usage)}`, value: spec.brief }];
  });
  yield done({ verbs: OFTEN }, [
    health,
    { kind: "fields", items },
    { kind: "note", tone: "neutral", text: "All verbs: /fleet help · one of them: /fleet help VERB" },
  ]);
}

async function healthLine(context: CommandContext, signal: AbortSignal): Promise<ViewBlock> {
  try {
    const [members, facts] = await Promise.all([context.etcd.raw.members(signal), readFacts(context, signal)]);
    const { health, machines, units, problems } = deriveStatus(facts, members, 0);
    const there = machines.filter((machine) => machine.state !== "lost").length;
    const wrong = problems.length === 0 ? "" : `, ${count(problems.length, "problem")}: /fleet status`;
    return {
      kind: "note",
      tone: health === "ok" ? "good" : health === "degraded" ? "warning" : "bad",
      text: `Cluster ${health}: ${there} of ${machines.length} machines, ${units.active} of ${units.desired} units active${wrong}`,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "note", tone: "bad", text: `The cluster does not answer: ${problemOf(error).message}` };
  }
}

/** The usage without its flags. */
function bare(usage: string): string {
  return usage.replaceAll(/ \[--?[^\]]*\]/g, "");
}
