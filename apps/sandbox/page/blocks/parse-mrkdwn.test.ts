import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseMrkdwn, type Span } from "./parse-mrkdwn.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const text = (words: string): Span => ({ kind: "text", text: words });

describe("mrkdwn", () => {
  test.each<readonly [string, readonly Span[]]>([
    ["a &lt;b&gt; &amp;amp;", [text("a <b> &amp;")]],
    [
      "*bold* _it_ ~gone~",
      [
        { kind: "bold", spans: [text("bold")] },
        text(" "),
        { kind: "italic", spans: [text("it")] },
        text(" "),
        { kind: "strike", spans: [text("gone")] },
      ],
    ],
    ["snake_case_name 2*3*4", [text("snake_case_name 2*3*4")]],
    ["`a *b* &lt;`", [{ kind: "code", text: "a *b* <" }]],
    ["```\nx\n```", [{ kind: "pre", text: "x" }]],
    ["<https://a.example/?a=1&amp;b|here>", [{ kind: "link", url: "https://a.example/?a=1&b", text: "here" }]],
    ["<javascript:alert(1)|x>", [text("<javascript:alert(1)|x>")]],
    [
      "<@U0DEV> <#C0OPS|ops>",
      [
        { kind: "mention", sigil: "@", id: "U0DEV", label: undefined },
        text(" "),
        { kind: "mention", sigil: "#", id: "C0OPS", label: "ops" },
      ],
    ],
    [
      "<!date^1700000000^{date_short} {time}|then>",
      [{ kind: "date", unixSeconds: 1_700_000_000, format: "{date_short} {time}", fallback: "then" }],
    ],
    ["&gt; quoted\nnot", [{ kind: "quote", spans: [text("quoted")] }, text("not")]],
    [
      "*<@U1> is up*",
      [{ kind: "bold", spans: [{ kind: "mention", sigil: "@", id: "U1", label: undefined }, text(" is up")] }],
    ],
  ])("%j is read as Slack reads it", (source, spans) => {
    expect(parseMrkdwn(source)).toEqual(spans);
  });

  test("makes no link but to the web, whatever it is given", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "|",
      "javascript:",
      "https://a",
      "*",
      "_",
      "`",
      "```",
      "\n",
      "&gt;",
      "&lt;",
      "x",
      "!",
      "@U1",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const span of flatten(parseMrkdwn(pieces.join(""))))
          if (span.kind === "link") expect(span.url).toMatch(/^(?:https?|mailto):/);
      }),
    );
  });
});

function flatten(spans: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => ("spans" in span ? [span, ...flatten(span.spans)] : [span]));
}
