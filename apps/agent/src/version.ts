/** Replaced by a string while bundling; not there when the sources run. */
declare const QUARTERDECK_VERSION: string | undefined;

/** Of this agent; `dev` when the sources run. */
export const version: string = typeof QUARTERDECK_VERSION === "undefined" ? "dev" : QUARTERDECK_VERSION;
