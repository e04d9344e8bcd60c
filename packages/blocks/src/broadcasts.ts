import { isObject } from "./rules.ts";

const BROADCAST = /<!(?:channel|here|everyone|group)\b/;
const PARSED = new Set(["mrkdwn", "markdown"]);

/**
 * Where a payload would call everybody: JSON pointers of texts that Slack parses and that hold `<!channel>` or its kin.
 * Quarterdeck never broadcasts, so anything here is a fault of escaping.
 */
export function broadcasts(payload: unknown): readonly string[] {
  const top = isObject(payload) ? payload["text"] : undefined;
  const found = typeof top === "string" && BROADCAST.test(top) ? ["/text"] : [];
  return [...found, ...search(payload, "")];
}

function search(value: unknown, pointer: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => search(item, `${pointer}/${index}`));
  if (!isObject(value)) return [];
  if (value["type"] === "broadcast") return [pointer];
  const text = value["text"];
  const own =
    PARSED.has(String(value["type"])) && typeof text === "string" && BROADCAST.test(text) ? [`${pointer}/text`] : [];
  return [...own, ...Object.entries(value).flatMap(([name, member]) => search(member, `${pointer}/${name}`))];
}
