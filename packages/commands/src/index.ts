export * from "./agent-reader.ts";
export * from "./clock.ts";
export * from "./command-context.ts";
export * from "./command-update.ts";
export * from "./tokenize.ts";
export * from "./view.ts";
