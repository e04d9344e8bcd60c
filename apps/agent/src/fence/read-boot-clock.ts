import { readFileSync } from "node:fs";

/** Milliseconds since boot, those included for which the machine was suspended; in steps of ten, rounded down. @see proc_uptime(5) */
export function readBootClock(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
}
