import type { CommandContext } from "@quarterdeck/commands";
import type { Logger } from "@quarterdeck/daemon";
import type { EtcdClient } from "@quarterdeck/etcd";
import type { EditBudget } from "./edit-budget.ts";
import type { SlackMessenger, UserGroups } from "./ports.ts";

/** What every command of this replica shares. */
export type BotParts = {
  readonly etcd: EtcdClient;
  readonly base: Omit<CommandContext, "slack" | "surface" | "idempotencyKey" | "textBlock">;
  readonly messenger: SlackMessenger;
  readonly groups: UserGroups;
  readonly budget: EditBudget;
  /** Names this process in `bot/owners/`. */
  readonly replica: string;
  /** The lease of everything this replica owns. */
  readonly leaseId: () => string;
  readonly log: Logger;
};
