/**
 * Verbs that docs/reference/cli.md promises and that a later version brings: known, so that nobody is told that they are misspelt, and
 * refused with NOT_YET. A verb that arrives moves from here into the catalogue.
 */
export const NOT_YET: Readonly<Record<string, string>> = {
  rollback: "deploy an earlier release again",
  scale: "change how many replicas a service has",
  pause: "hold a rollout",
  resume: "go on with a rollout that was held",
  abort: "stop a rollout and go back",
  promote: "let a canary become everything",
  remove: "remove a service with all its replicas",
  reconcile: "make a unit's machine compare and act again",
  approve: "approve a deploy",
  reject: "reject a deploy",
  locks: "list locks",
  lock: "take a lock",
  unlock: "give a lock back",
  freezes: "list freezes",
  freeze: "forbid changes for a time",
  unfreeze: "end a freeze",
  "can-i": "ask whether you may",
  whoami: "say who you are to the cluster",
  policy: "read and write who may do what",
  events: "list what happened",
  incidents: "list incidents",
  ack: "acknowledge an incident",
  silence: "silence an incident",
  backup: "list, make and verify backups",
  restore: "restore a backup",
  roll: "replace machines one by one",
  updates: "list updates of the operating system",
  login: "make a context for another cluster",
  slack: "print the Slack app's manifest, or examine it",
};

/** Flags of present verbs that are promised too. */
export const NOT_YET_FLAGS: Readonly<Record<string, readonly string[]>> = {
  deploy: ["--at", "--override"],
  "*": ["--override"],
};
