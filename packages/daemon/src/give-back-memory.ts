import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openTrim } from "./libc.ts";

type CollectAll = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

let collectAll: CollectAll | null = null;
let trim: (() => void) | null = null;

/**
 * Gives the system what this process does not need while it rests: garbage, the compiled form of functions that have not been called of late, and what
 * the C library keeps. Blocks for a tenth of a second, so it is for a process that has nothing to do. V8 by itself gives back half of it.
 */
export function giveBackMemory(): void {
  collectAll ??= exposeCollectAll();
  trim ??= openTrim();
  collectAll({ type: "major", execution: "sync", flavor: "last-resort" });
  trim();
}

/** V8 lets nobody call its collector unless it is told to when a context is made; this one's is for us alone. */
function exposeCollectAll(): CollectAll {
  setFlagsFromString("--expose-gc");
  const found = runInNewContext("gc") as CollectAll;
  setFlagsFromString("--no-expose-gc");
  return found;
}
