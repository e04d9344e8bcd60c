import { CodedError } from "@quarterdeck/model";
import { checkTransaction } from "./check-transaction.ts";
import type { Part } from "./transact-parts.ts";

/**
 * Refuses parts that could not be written apart from each other, or one that no transaction can hold.
 * @throws {CodedError} ETCD_TOO_LARGE, INTERNAL
 */
export function checkParts(parts: readonly Part[]): void {
  const writers = new Map<string, number>();
  for (const [index, part] of parts.entries()) {
    checkPart(part, `part ${index + 1} of ${parts.length}`);
    for (const { path } of part.then) {
      const other = writers.get(path) ?? index;
      if (other !== index) throw dependent(`parts ${other + 1} and ${index + 1} both write ${path}`);
      writers.set(path, index);
    }
  }
  for (const [index, { when }] of parts.entries()) {
    for (const { path } of when) {
      const writer = writers.get(path) ?? index;
      if (writer !== index) throw dependent(`part ${writer + 1} writes ${path}, which part ${index + 1} compares`);
    }
  }
}

function checkPart(part: Part, name: string): void {
  try {
    checkTransaction(part);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const { code, ...problem } = error.problem;
    throw new CodedError(code, { ...problem, message: `${name}: ${problem.message}` }, { cause: error });
  }
}

function dependent(what: string): CodedError {
  return new CodedError("INTERNAL", {
    message: `the parts of a large write are not independent: ${what}`,
    why: "nobody could say in which order they are written; nothing was sent",
  });
}
