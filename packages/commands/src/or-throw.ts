import { CodedError, type Result } from "@quarterdeck/model";

/** The value, or the problem thrown: a handler's way of ending with it. */
export function orThrow<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  const { code, ...fields } = result.error;
  throw new CodedError(code, fields);
}
