import { isJson, type Json, objectsOf, textOf } from "../../src/workspace/json.ts";
import { RichText } from "./rich-text.tsx";
import { Signs } from "./signs.tsx";

/** A table block; its first row is the heading, as in Slack. */
export function TableBlock({ block }: { readonly block: Json }) {
  const [head = [], ...body] = (Array.isArray(block["rows"]) ? block["rows"] : []) as readonly (readonly Json[])[];
  const sides = objectsOf(block, "column_settings").map((column) => textOf(column, "align") ?? "left");
  const side = (column: number) => ({ class: `align-${sides[column] ?? "left"}` });
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={textOf(block, "caption") ?? "Table"}>
      <table>
        {typeof block["caption"] === "string" && <caption>{block["caption"]}</caption>}
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col" {...side(column)}>
                <Cell cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} {...side(column)}>
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ cell }: { readonly cell: Json }) {
  return cell["type"] === "rich_text" ? <RichText block={cell} /> : <Signs text={textOf(cell, "text") ?? ""} />;
}

const MARKS: Readonly<Record<string, readonly [string, string]>> = {
  pending: ["○", "waiting"],
  in_progress: ["◐", "in progress"],
  complete: ["●", "done"],
  error: ["✕", "failed"],
};

/** A plan: its tasks with their progress. */
export function PlanBlock({ block }: { readonly block: Json }) {
  return (
    <div class="block-plan">
      <strong>
        <Signs text={String(block["title"])} />
      </strong>
      {objectsOf(block, "tasks").map((task) => (
        <TaskCard key={String(task["task_id"])} task={task} />
      ))}
    </div>
  );
}

/** One step; its state is a mark and a word, never a colour alone. */
export function TaskCard({ task }: { readonly task: Json }) {
  const status = String(task["status"]);
  const [mark, word] = MARKS[status] ?? ["○", status];
  return (
    <div class={`task ${status}`}>
      <span class="task-mark" aria-hidden="true">
        {mark}
      </span>
      <span class="task-title">
        <Signs text={String(task["title"])} />
      </span>
      <span class="task-word">{word}</span>
      {isJson(task["output"]) && <RichText block={task["output"]} />}
    </div>
  );
}
