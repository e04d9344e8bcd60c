import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "./ports.ts";

export const realClock: Clock = {
  now: () => new Date(),
  wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
};
