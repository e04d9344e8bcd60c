import type { AuditPlace, AuditVerdict } from "@quarterdeck/etcd";
import { ERROR_CODES, type Problem } from "@quarterdeck/model";
import type { View, ViewBlock } from "../view.ts";
import { errorDocument } from "./final.ts";
import { count } from "./table.ts";

type Sound = Extract<AuditVerdict, { readonly ok: true }>;
type Fault = Extract<AuditVerdict, { readonly ok: false }>["fault"];

/** What `audit --verify` says: sound, with the head to keep, or the first fault, with exit code 1. */
export function auditVerdictView(verdict: AuditVerdict, kept: AuditPlace | null): View {
  return verdict.ok ? soundView(verdict, kept) : faultView(verdict.fault);
}

function soundView(verdict: Sound, kept: AuditPlace | null): View {
  const { entries, first, signedFrom, anchor, fingerprint } = verdict;
  const { sequence, hash, at } = verdict.head;
  const head = `${sequence}:${hash}`;
  const since = kept === null ? "" : `, and goes on from the head that was kept at ${kept.sequence}`;
  const blocks: readonly ViewBlock[] = [
    { kind: "note", tone: "good", text: `the audit log is sound: ${count(entries, "entry", "entries")}${since}` },
    {
      kind: "fields",
      items: [
        { label: "head, to keep", value: head },
        { label: "written at", value: at },
        { label: "signed by", value: `engine, SHA-256 ${fingerprint}` },
      ],
    },
    ...warnings({ signedFrom, anchor }),
  ];
  const json = { sound: true, entries, first, head, at, signedFrom, anchor, fingerprint, fault: null };
  return { json, blocks, exitCode: 0 };
}

function warnings({ signedFrom, anchor }: Pick<Sound, "signedFrom" | "anchor">): readonly ViewBlock[] {
  const unsigned = `entries before ${signedFrom} are of engines that did not sign: that they are as they were is known since ${signedFrom} only`;
  return [
    ...(signedFrom > 1 ? [{ kind: "note", tone: "warning", text: unsigned } as const] : []),
    ...(anchor === null
      ? []
      : [{ kind: "note", tone: "neutral", text: `entries up to ${anchor} were exported and removed` } as const]),
  ];
}

function faultView({ code, sequence, message }: Fault): View {
  const problem: Problem = {
    code: code === "newer" ? "ETCD_NEWER_VALUE" : "AUDIT_UNSOUND",
    message: code === "newer" ? message : `the audit log is not sound: ${message}`,
    why: sequence === null ? code : `${code}, at entry ${sequence}`,
    try:
      code === "newer"
        ? "the newest fleet"
        : "in a terminal: fleet audit --export > audit.jsonl, to keep what is there; then docs/audit.md",
  };
  return {
    json: { sound: false, fault: { code, sequence, message }, error: errorDocument(problem, null) },
    blocks: [{ kind: "problem", problem }],
    exitCode: ERROR_CODES[problem.code].exitCode,
  };
}
