import type { ComponentChildren } from "preact";
import { channels, users } from "../state/chat-state.ts";
import { parseMrkdwn, type Span } from "./parse-mrkdwn.ts";
import { Signs } from "./signs.tsx";

/** Slack's mrkdwn as nodes; text never becomes markup of the page. */
export function MrkdwnText({ text }: { readonly text: string }) {
  return <>{parseMrkdwn(text).map(node)}</>;
}

function node(span: Span, key: number): ComponentChildren {
  switch (span.kind) {
    case "text":
      return <Signs key={key} text={span.text} />;
    case "bold":
      return <strong key={key}>{span.spans.map(node)}</strong>;
    case "italic":
      return <em key={key}>{span.spans.map(node)}</em>;
    case "strike":
      return <s key={key}>{span.spans.map(node)}</s>;
    case "quote":
      return <blockquote key={key}>{span.spans.map(node)}</blockquote>;
    case "code":
      return (
        <code key={key}>
          <Signs text={span.text} />
        </code>
      );
    case "pre":
      return (
        <pre key={key} tabIndex={0}>
          <Signs text={span.text} />
        </pre>
      );
    case "link":
      return (
        <a key={key} href={span.url} target="_blank" rel="noopener noreferrer">
          {span.text}
        </a>
      );
    case "mention":
      return <Mention key={key} span={span} />;
    case "date":
      return <DateToken key={key} {...span} />;
  }
}

function Mention({ span: { sigil, id, label } }: { readonly span: Extract<Span, { kind: "mention" }> }) {
  const known = (sigil === "#" ? channels : users).value.find((entry) => entry.id === id)?.name;
  return <span class="mention">{sigil + (label ?? known ?? (id === "U0FLEET" ? "fleet" : id)).replace(/^@/, "")}</span>;
}

/** A moment in the reader's own time zone, by Slack's date tokens. */
export function DateToken({
  unixSeconds,
  format,
  fallback,
}: {
  readonly unixSeconds: number;
  readonly format: string;
  readonly fallback: string;
}) {
  const date = new Date(unixSeconds * 1000);
  const part = (options: Intl.DateTimeFormatOptions) => date.toLocaleString(undefined, options);
  const shown = format
    .replaceAll(/\{date(?:_num|_slash)?\}/g, part({ dateStyle: "long" }))
    .replaceAll(/\{date_short(?:_pretty)?\}/g, part({ month: "short", day: "numeric", year: "numeric" }))
    .replaceAll(/\{date_(?:long|pretty|long_pretty)\}/g, part({ dateStyle: "full" }))
    .replaceAll("{time}", part({ hour: "2-digit", minute: "2-digit" }))
    .replaceAll("{time_secs}", part({ timeStyle: "medium" }))
    .replaceAll("{ago}", part({ dateStyle: "short", timeStyle: "short" }));
  return (
    <time dateTime={date.toISOString()} title={fallback}>
      {shown}
    </time>
  );
}
