import { createOptionsReader, type ReadOptions } from "./read-options.ts";

/** What was derived from the mirror before, so that a pass derives anew only what comes from keys that have changed. */
export type ViewMemory = {
  readonly readOptions: ReadOptions;
  /** What was made of the part last time, the same object, as long as every input is the very one of then; else what is made now. */
  part<Value>(name: string, inputs: readonly unknown[], make: () => Value): Value;
  /** The same for one of many: as long as its source is the very same object. */
  item<Value>(source: object, make: () => Value): Value;
};

export function createViewMemory(): ViewMemory {
  const parts = new Map<string, { readonly inputs: readonly unknown[]; readonly value: unknown }>();
  const items = new WeakMap<object, unknown>();
  return {
    readOptions: createOptionsReader(),
    part<Value>(name: string, inputs: readonly unknown[], make: () => Value): Value {
      const known = parts.get(name);
      if (known !== undefined && inputs.every((input, index) => input === known.inputs[index]))
        return known.value as Value;
      const value = make();
      parts.set(name, { inputs, value });
      return value;
    },
    item<Value>(source: object, make: () => Value): Value {
      const known = items.get(source);
      if (known !== undefined) return known as Value;
      const value = make();
      items.set(source, value);
      return value;
    },
  };
}
