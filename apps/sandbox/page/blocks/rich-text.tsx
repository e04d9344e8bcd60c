import type { ComponentChildren } from "preact";
import { isJson, type Json, objectsOf, textOf } from "../../src/workspace/json.ts";
import { channels, users } from "../state/chat-state.ts";
import { DateToken } from "./mrkdwn-text.tsx";
import { Signs } from "./signs.tsx";

/** A rich_text block. */
export function RichText({ block }: { readonly block: Json }) {
  return <>{objectsOf(block, "elements").map((element, index) => part(element, index))}</>;
}

function part(element: Json, key: number): ComponentChildren {
  const inner = objectsOf(element, "elements").map(inline);
  switch (element["type"]) {
    case "rich_text_preformatted":
      return (
        <pre key={key} tabIndex={0}>
          {inner}
        </pre>
      );
    case "rich_text_quote":
      return <blockquote key={key}>{inner}</blockquote>;
    case "rich_text_list": {
      const items = objectsOf(element, "elements").map((item, index) => (
        <li key={index}>{objectsOf(item, "elements").map(inline)}</li>
      ));
      return element["style"] === "ordered" ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    default:
      return <p key={key}>{inner}</p>;
  }
}

function inline(element: Json, key: number): ComponentChildren {
  const text = textOf(element, "text") ?? "";
  switch (element["type"]) {
    case "link":
      return <Link key={key} url={String(element["url"])} text={text} />;
    case "user":
      return mention(key, `@${nameIn(users.value, element["user_id"])}`);
    case "channel":
      return mention(key, `#${nameIn(channels.value, element["channel_id"])}`);
    case "usergroup":
      return mention(key, `@${String(element["usergroup_id"])}`);
    case "broadcast":
      return mention(key, `@${String(element["range"])}`);
    case "emoji":
      return `:${String(element["name"])}:`;
    case "date":
      return (
        <DateToken
          key={key}
          unixSeconds={Number(element["timestamp"])}
          format={String(element["format"])}
          fallback={textOf(element, "fallback") ?? ""}
        />
      );
    default:
      return styled(text, isJson(element["style"]) ? element["style"] : {}, key);
  }
}

/** A link, if it leads to the web; anything else (`javascript:`) stays text. */
function Link({ url, text }: { readonly url: string; readonly text: string }) {
  if (!/^(?:https?|mailto):/i.test(url)) return <>{text || url}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {text || url}
    </a>
  );
}

function styled(text: string, style: Json, key: number): ComponentChildren {
  let node: ComponentChildren = <Signs key={key} text={text} />;
  if (style["code"] === true) node = <code key={key}>{node}</code>;
  if (style["bold"] === true) node = <strong key={key}>{node}</strong>;
  if (style["italic"] === true) node = <em key={key}>{node}</em>;
  if (style["strike"] === true) node = <s key={key}>{node}</s>;
  return node;
}

function mention(key: number, text: string): ComponentChildren {
  return (
    <span key={key} class="mention">
      {text}
    </span>
  );
}

function nameIn(entries: readonly { readonly id: string; readonly name: string }[], id: unknown): string {
  return entries.find((entry) => entry.id === id)?.name ?? String(id);
}
