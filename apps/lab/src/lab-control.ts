import type { Lab } from "./lab.ts";

/** What can be done to a running lab from outside, on whatever its machines are made of. */
export type LabControl = Pick<
  Lab,
  | "events"
  | "list"
  | "add"
  | "boot"
  | "kill"
  | "powerOff"
  | "reboot"
  | "freeze"
  | "thaw"
  | "cut"
  | "heal"
  | "slow"
  | "diskFull"
>;
