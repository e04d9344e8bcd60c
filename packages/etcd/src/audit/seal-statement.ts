import type { AuditSeal } from "@quarterdeck/model";

/** Which of the two seals: one can never stand for the other. */
export type SealKind = "head" | "anchor";

export type SealFacts = Pick<AuditSeal, "sequence" | "hash" | "at" | "signedFrom">;

/** The bytes that an engine signs: five lines of ASCII, each with its newline; docs/audit.md repeats them for those who verify by hand. */
export function sealStatement(kind: SealKind, { sequence, hash, at, signedFrom }: SealFacts): Buffer {
  const lines = [
    `quarterdeck audit ${kind} v1`,
    `sequence ${sequence}`,
    `hash ${hash}`,
    `at ${at}`,
    `signed-from ${signedFrom}`,
  ];
  return Buffer.from(`${lines.join("\n")}\n`, "ascii");
}
