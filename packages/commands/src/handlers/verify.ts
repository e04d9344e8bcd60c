import { basename } from "node:path";
import { CodedError } from "@quarterdeck/model";
import { verifyUnit, type Finding } from "@quarterdeck/units";
import type { LocalFiles, LocalHandler, NoFlags } from "../grammar/define-command.ts";
import { count } from "../show/table.ts";
import type { ViewBlock } from "../view.ts";

type Verified = { readonly unit: string; readonly findings: readonly Finding[] };

/** Examines unit files without a cluster; ends with 1 when `submit` or systemd would refuse one of them. */
export const verify: LocalHandler<NoFlags, readonly string[]> = async function* ({ args, surface }, files) {
  const verified: Verified[] = [];
  for (const word of args) {
    const unit = basename(word);
    verified.push({ unit, findings: verifyUnit(unit, await textOf(word, { args, surface, files })) });
  }
  const refused = verified.some(({ findings }) => findings.some(({ severity }) => severity === "error"));
  yield {
    kind: "done",
    final: true,
    view: { json: verified.map(documentOf), blocks: verified.flatMap(blocksOf), exitCode: refused ? 1 : 0 },
  };
};

type Place = {
  readonly args: readonly string[];
  readonly surface: "terminal" | "slack";
  readonly files: LocalFiles;
};

async function textOf(word: string, { args, surface, files }: Place): Promise<string> {
  if (surface === "slack") {
    if (files.textBlock != null && args.length === 1) return files.textBlock;
    throw new CodedError("USAGE", {
      message: "in Slack one unit file is examined, and it stands in a ``` block",
      try: `/fleet verify ${args[0] ?? "hello.service"}, then the unit file between two lines of \`\`\``,
    });
  }
  const text = (await files.readUnitFile?.(word)) ?? null;
  if (text !== null) return text;
  throw new CodedError("NOT_FOUND", {
    message: `there is no file ${word}`,
    why: "verify reads files, it does not ask the cluster",
    try: `fleet cat ${basename(word)} > ${basename(word)}`,
  });
}

function documentOf({ unit, findings }: Verified) {
  return { unit, ok: findings.every(({ severity }) => severity !== "error"), findings };
}

function blocksOf({ unit, findings }: Verified): readonly ViewBlock[] {
  if (findings.length === 0) return [{ kind: "note", tone: "good", text: `${unit}: nothing to find fault with` }];
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const summary = `${unit}: ${[errors > 0 ? count(errors, "error") : null, errors < findings.length ? count(findings.length - errors, "warning") : null].filter((part) => part !== null).join(", ")}`;
  return [
    { kind: "note", tone: errors > 0 ? "bad" : "warning", text: summary },
    ...findings.map((finding): ViewBlock => ({
      kind: "note",
      tone: finding.severity === "error" ? "bad" : "warning",
      text: `${unit}${finding.line === null ? "" : `:${finding.line}:${finding.column ?? 1}`}: ${finding.severity}: ${finding.message} (${finding.rule}); try: ${finding.try}`,
    })),
  ];
}
