export * from "./create-logger.ts";
export * from "./create-notifier.ts";
export * from "./give-back-memory.ts";
export * from "./listen.ts";
export * from "./read-config.ts";
export * from "./run-daemon.ts";
export * from "./shutdown-signal.ts";
