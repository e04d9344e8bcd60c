import type { PlanBlock, TaskCardBlock } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { preformatted } from "./preformatted.ts";
import { orNothing } from "./text-object.ts";
import { truncate } from "./truncate.ts";

/** One step of a rollout. `id` is unique within the plan; `output` is what came of it, shown literally. */
export type Task = {
  readonly id: string;
  readonly title: string;
  readonly status: TaskCardBlock["status"];
  readonly output?: string;
};

/** A list of steps with their progress; messages only. The first 50 tasks are shown, their outputs share what a message holds. */
export function plan(title: string, tasks: readonly Task[]): PlanBlock {
  const shown = tasks.slice(0, LIMITS.planTasks);
  const share = Math.floor(BUDGET / Math.max(shown.length, 1));
  return {
    type: "plan",
    title: truncate(orNothing(title), LIMITS.taskTitle),
    ...(shown.length === 0 ? {} : { tasks: shown.map((task) => taskCard(task, share)) }),
  };
}

const BUDGET = LIMITS.messageBlocksText - 1_000;

/** One step alone; title and output together are cut to `share` characters. */
export function taskCard({ id, title, status, output }: Task, share: number = LIMITS.richText): TaskCardBlock {
  const name = truncate(orNothing(title), Math.min(LIMITS.taskTitle, Math.floor(share / 2)));
  return {
    type: "task_card",
    task_id: truncate(id, LIMITS.identifier),
    title: name,
    status,
    ...(output === undefined ? {} : { output: preformatted(truncate(output, share - name.length)) }),
  };
}
