import type { JSX } from "preact";

type Sign = { readonly word: string; readonly tone: string; readonly shape: JSX.Element };

/** A computer without an emoji font shows empty boxes for these, so they are drawn; each by a shape of its own and with a word. */
const SIGNS: Readonly<Record<string, Sign>> = {
  "✅": {
    word: "done",
    tone: "good",
    shape: (
      <>
        <circle cx="8" cy="8" r="7" />
        <path d="M4.6 8.3l2.4 2.4 4.4-5" />
      </>
    ),
  },
  "❌": { word: "failed", tone: "bad", shape: <path d="M3.5 3.5l9 9m0-9l-9 9" /> },
  "⚠": {
    word: "warning",
    tone: "warn",
    shape: (
      <>
        <path d="M8 1.8l6.6 12H1.4z" />
        <path d="M8 6.2v3.6m0 1.7v.4" />
      </>
    ),
  },
  "⏳": {
    word: "waiting",
    tone: "soft",
    shape: (
      <path d="M3.5 1.8h9m-9 12.4h9M4.5 1.8c0 4 3.5 4.4 3.5 6.2s-3.5 2.2-3.5 6.2m7-12.4c0 4-3.5 4.4-3.5 6.2s3.5 2.2 3.5 6.2" />
    ),
  },
  "▶": { word: "under way", tone: "accent", shape: <path d="M4.2 2.4l8.6 5.6-8.6 5.6z" /> },
};

const SIGN = /(✅|❌|⚠|⏳|▶)\uFE0F?/u;

/** Text in which the signs that the bot uses are icons. */
export function Signs({ text }: { readonly text: string }) {
  if (!SIGN.test(text)) return <>{text}</>;
  // Splitting by a captured group gives text and signs by turns.
  return <>{text.split(SIGN).map((part, index) => (index % 2 === 1 ? <Icon key={index} sign={part} /> : part))}</>;
}

function Icon({ sign }: { readonly sign: string }) {
  const drawn = SIGNS[sign];
  if (drawn === undefined) return <>{sign}</>;
  return (
    <svg class={`sign ${drawn.tone}`} viewBox="0 0 16 16" role="img" aria-label={drawn.word}>
      {drawn.shape}
    </svg>
  );
}
