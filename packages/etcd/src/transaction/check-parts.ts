import { CodedError } from "@quarterdeck/model";
import { checkTransaction, type Size } from "./check-transaction.ts";
import type { Part } from "./transact-parts.ts";

/**
 * Refuses parts that could not be written apart from each other, or one that no transaction can hold. @returns how large each is
 * @throws {CodedError} ETCD_TOO_LARGE, INTERNAL
 */
export function checkParts(parts: readonly Part[]): readonly Size[] {
  const writers = new Map<string, number>();
  const sizes = parts.map((part, index) => {
    const size = checkPart(part, index, parts.length);
    for (const { path } of part.then) {
      const other = writers.get(path) ?? index;
      if (other !== index) throw dependent(`parts ${other + 1} and ${index + 1} both write ${path}`);
      writers.set(path, index);
    }
    return size;
  });
  for (const [index, { when }] of parts.entries()) {
    for (const { path } of when) {
      const writer = writers.get(path) ?? index;
      if (writer !== index) throw dependent(`part ${writer + 1} writes ${path}, which part ${index + 1} compares`);
    }
  }
  return sizes;
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
