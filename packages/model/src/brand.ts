declare const brand: unique symbol;

/** A nominal mark: a `string & Brand<"MachineId">` can only come out of the function that checked it. */
export type Brand<Name extends string> = { readonly [brand]: Name };
