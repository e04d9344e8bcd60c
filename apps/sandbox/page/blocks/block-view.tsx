import type { ComponentChildren } from "preact";
import { isJson, type Json, objectsOf, textOf } from "../../src/workspace/json.ts";
import { ElementView, type OnUse } from "./element-view.tsx";
import { RichText } from "./rich-text.tsx";
import { PlanBlock, TableBlock, TaskCard } from "./table-and-plan.tsx";
import { plainOf, TextObject } from "./text-object.tsx";

type Props = { readonly blocks: readonly Json[]; readonly onUse: OnUse };

/** Block Kit as nodes. What a person uses is reported to `onUse`. */
export function Blocks({ blocks, onUse }: Props) {
  return (
    <div class="blocks">
      {blocks.map((block, index) => (
        <BlockView key={textOf(block, "block_id") ?? index} block={block} onUse={onUse} />
      ))}
    </div>
  );
}

function BlockView({ block, onUse }: { readonly block: Json; readonly onUse: OnUse }): ComponentChildren {
  const element = (value: Json, key: number) => <ElementView key={key} element={value} block={block} onUse={onUse} />;
  switch (block["type"]) {
    case "header":
      return (
        <h3 class="block-header">
          <TextObject value={block["text"]} />
        </h3>
      );
    case "divider":
      return <hr />;
    case "section":
      return <Section block={block} onUse={onUse} />;
    case "context":
      return (
        <div class="block-context">
          {objectsOf(block, "elements").map((item, index) => (
            <span key={index}>{item["type"] === "image" ? String(item["alt_text"]) : <TextObject value={item} />}</span>
          ))}
        </div>
      );
    case "actions":
      return <div class="block-actions">{objectsOf(block, "elements").map(element)}</div>;
    case "rich_text":
      return <RichText block={block} />;
    case "table":
    case "data_table":
      return <TableBlock block={block} />;
    case "plan":
      return <PlanBlock block={block} />;
    case "task_card":
      return <TaskCard task={block} />;
    case "markdown":
      return <p class="prose">{String(block["text"])}</p>;
    case "alert":
      return (
        <p class={`block-alert ${textOf(block, "level") ?? "default"}`} role="note">
          <TextObject value={block["text"]} />
        </p>
      );
    case "image":
      return <img src={String(block["image_url"])} alt={String(block["alt_text"])} loading="lazy" />;
    case "input":
      return (
        <div class="block-input">
          <span class="label">{plainOf(block["label"])}</span>
          {isJson(block["element"]) && element(block["element"], 0)}
          {block["hint"] !== undefined && <small>{plainOf(block["hint"])}</small>}
        </div>
      );
    case "card":
      return (
        <div class="block-card">
          <strong>
            <TextObject value={block["title"]} />
          </strong>
          <TextObject value={block["subtitle"]} />
          <p>
            <TextObject value={block["body"]} />
          </p>
          <div class="block-actions">{objectsOf(block, "actions").map(element)}</div>
        </div>
      );
    case "container":
      return (
        <details class="block-container" open={block["default_collapsed"] !== true}>
          <summary>{plainOf(block["title"])}</summary>
          <Blocks blocks={objectsOf(block, "child_blocks")} onUse={onUse} />
        </details>
      );
    default:
      return <p class="unshown">A block of type {String(block["type"])} is not drawn here.</p>;
  }
}

function Section({ block, onUse }: { readonly block: Json; readonly onUse: OnUse }) {
  const fields = objectsOf(block, "fields");
  return (
    <div class="block-section">
      <div>
        {block["text"] !== undefined && (
          <p class="prose">
            <TextObject value={block["text"]} />
          </p>
        )}
        {fields.length > 0 && (
          <div class="fields">
            {fields.map((field, index) => (
              <p key={index} class="prose">
                <TextObject value={field} />
              </p>
            ))}
          </div>
        )}
      </div>
      {isJson(block["accessory"]) && <ElementView element={block["accessory"]} block={block} onUse={onUse} />}
    </div>
  );
}
