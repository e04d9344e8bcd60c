export * from "./client.ts";
export * from "./key.ts";
export * from "./keys.ts";
