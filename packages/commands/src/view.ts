import type { Problem } from "@quarterdeck/model";

/** What a command answers, as data; the terminal and Slack each render it. Texts are raw: a renderer escapes them. */
export type View = {
  /** The document of `--output json`, exactly as docs/reference/cli.md lists it. */
  readonly json: unknown;
  readonly blocks: readonly ViewBlock[];
  /** One of docs/reference/cli.md; of `ssh`, what it ended with. */
  readonly exitCode: number;
  /** It is what was asked for, though the exit code is not 0: a terminal prints it where answers go. */
  readonly isAnswer?: true;
};

export type ViewBlock =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "fields"; readonly items: readonly { readonly label: string; readonly value: string }[] }
  | {
      readonly kind: "table";
      /** In the order shown, chosen by `--fields` already. */
      readonly columns: readonly TableColumn[];
      /** A cell for every column's key; shortened already unless `--full` was given. */
      readonly rows: readonly Readonly<Record<string, string>>[];
      /** What the table lists, e.g. `3 machines`; the terminal does not print it. */
      readonly caption: string;
      /** `false` with `--no-legend`: no header line. */
      readonly legend: boolean;
    }
  | { readonly kind: "code"; readonly text: string; readonly language?: "ini" | "json" | "text" }
  | { readonly kind: "note"; readonly text: string; readonly tone: Tone }
  | { readonly kind: "steps"; readonly items: readonly Step[] }
  | { readonly kind: "problem"; readonly problem: Problem };

export type TableColumn = { readonly key: string; readonly label: string };

export type Tone = "neutral" | "good" | "warning" | "bad";

/** One part of something under way, e.g. one replica of a rollout; `detail` is empty when there is nothing to add. */
export type Step = {
  readonly label: string;
  /** `untouched`: it was never begun, and what it was part of has ended. */
  readonly state: "pending" | "active" | "done" | "failed" | "untouched";
  readonly detail: string;
};
