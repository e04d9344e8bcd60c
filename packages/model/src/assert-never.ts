import { CodedError } from "./coded-error.ts";

/** Marks a branch that the types rule out; reached only when data slipped past a schema. */
export function assertNever(value: never): never {
  throw new CodedError("INTERNAL", { message: `unexpected variant ${JSON.stringify(value)}` });
}
