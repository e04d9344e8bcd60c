import type { Clock } from "@quarterdeck/commands";
import type { Logger } from "@quarterdeck/daemon";
import type { WebClient } from "@slack/web-api";
import type { UserGroups } from "./ports.ts";

const FRESH_MS = 60_000;

/** Slack's user groups, asked at most once a minute. When Slack cannot be asked, a stale answer is not used: nobody is in any group. */
export function createUserGroups(client: WebClient, clock: Clock, log: Logger): UserGroups {
  let members: ReadonlyMap<string, readonly string[]> = new Map();
  let readAtMs = -Infinity;
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    try {
      const answer = await client.usergroups.list({ include_users: true });
      const found = new Map<string, string[]>();
      for (const group of answer.usergroups ?? [])
        for (const user of group.users ?? []) found.set(user, [...(found.get(user) ?? []), group.handle ?? ""]);
      members = found;
      readAtMs = clock.now();
    } catch (error) {
      members = new Map();
      readAtMs = -Infinity;
      log.warn(
        { code: "SLACK_REFUSED", err: String(error) },
        "user groups cannot be read: nobody counts as a member of any",
      );
    }
  };

  return {
    async of(userId) {
      if (clock.now() - readAtMs > FRESH_MS) {
        reading ??= read().finally(() => {
          reading = undefined;
        });
        await reading;
      }
      return members.get(userId) ?? [];
    },
  };
}
