import type { Group } from "../grammar/define-command.ts";

/** Chapters of help, in order. */
export const GROUPS: readonly { readonly group: Group; readonly title: string }[] = [
  { group: "cluster", title: "Cluster" },
  { group: "units", title: "Units" },
  { group: "services", title: "Services" },
  { group: "machines", title: "Machines" },
  { group: "guard", title: "Guard" },
];
