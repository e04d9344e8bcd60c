import { CodedError } from "@quarterdeck/model";
import { checkTransaction, type Size } from "./check-transaction.ts";
import type { Part } from "./transact-parts.ts";

/**
 * Refuses parts that could not be written apart from each other, or one that no transaction can hold. @returns how large each is
 * @throws {CodedError} ETCD_TOO_LARGE, INTERNAL
 */
export function checkParts(parts: readonly Part[]): readonly Size[] {
  const written = new Set<string>();
  const sizes = parts.map((part, index) => {
    const size = checkPart(part, index, parts.length);
    for (const { path } of part.then) {
      const before = written.size;
      if (written.add(path).size > before) continue;
      const other = writerOf(parts, path);
      if (other !== index) throw dependent(`parts ${other + 1} and ${index + 1} both write ${path}`);
    }
    return size;
  });
  for (const [index, { when }] of parts.entries()) {
    for (const { path } of when) {
      const writer = written.has(path) ? writerOf(parts, path, index) : index;
      if (writer !== index) throw dependent(`part ${writer + 1} writes ${path}, which part ${index + 1} compares`);
    }
  }
  return sizes;
}

/** The first part that writes it; `own` where that one does. */
function writerOf(parts: readonly Part[], path: string, own = -1): number {
  const writes = (part: Part | undefined): boolean => part?.then.some((operation) => operation.path === path) ?? false;
  return writes(parts[own]) ? own : parts.findIndex(writes);
}

function checkPart(part: Part, index: number, count: number): Size {
  try {
    return checkTransaction(part);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { code, ...problem } = error.problem;
    throw new CodedError(
      code,
      { ...problem, message: `part ${index + 1} of ${count}: ${problem.message}` },
      { cause: error },
    );
  }
}

function dependent(what: string): CodedError {
  return new CodedError("INTERNAL", {
    message: `the parts of a large write are not independent: ${what}`,
    why: "nobody could say in which order they are written; nothing was sent",
  });
}
