import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createHttpsAgentReader, systemClock } from "@quarterdeck/commands";
import { runDaemon, type DaemonContext } from "@quarterdeck/daemon";
import { connectEtcd, type Lease } from "@quarterdeck/etcd";
import { principalSchema, problemOf } from "@quarterdeck/model";
import type { KnownBlock } from "@slack/types";
import { answerCommand, type Typed } from "./answer-command.ts";
import type { BotParts } from "./bot-parts.ts";
import { createSlackApp, slackOptions } from "./create-slack-app.ts";
import { EditBudget } from "./edit-budget.ts";
import { followBrake } from "./follow-brake.ts";
import { identityPaths } from "./identity-paths.ts";
import type { MessageBody, Respond } from "./ports.ts";
import { resumeNotes } from "./resume-notes.ts";
import { createSlackMessenger } from "./slack-messenger.ts";
import { createUserGroups } from "./user-groups.ts";

/** `quarterdeck bot`: connects to Slack and to etcd, answers until it is told to stop. */
export function main(_argv: readonly string[]): Promise<number> {
  return runDaemon("bot", runBot);
}

const LEASE_TTL_SECONDS = 15;

async function runBot({ config, log, notifier }: DaemonContext, signal: AbortSignal): Promise<void> {
  const tls = identityPaths(process.env["CREDENTIALS_DIRECTORY"], config.pki.dir);
  const { app, receiver, client } = createSlackApp(slackOptions(process.env), log);
  await using etcd = await connectEtcd({ endpoints: config.etcd.endpoints, tls, prefix: config.etcd.prefix }, signal);
  await using lease = await etcd.grantLease({ ttlSeconds: LEASE_TTL_SECONDS }, signal);
  const parts: BotParts = {
    etcd,
    base: {
      etcd,
      principal: principalSchema.parse("bot"),
      clusterCa: () => readFile(tls.ca, "utf8"),
      tls,
      agent: createHttpsAgentReader(tls),
      clock: systemClock,
      newId: () => randomUUID(),
    },
    messenger: createSlackMessenger(client),
    groups: createUserGroups(client, systemClock, log),
    budget: new EditBudget(systemClock),
    replica: `${config.machine.hostname}/${process.pid}`,
    leaseId: () => lease.id,
    log,
  };

  const answer = (typed: Typed, respond: Respond): void => {
    void answerCommand(typed, parts, respond, signal).catch((error: unknown) => {
      if (!signal.aborted)
        log.error({ ...problemOf(error), trigger: typed.trigger }, "a command could not be answered");
    });
  };
  app.command("/fleet", async ({ command, ack, respond }) => {
    await ack();
    const user = { id: command.user_id, name: command.user_name };
    answer(
      { text: command.text, trigger: command.trigger_id, user, channel: command.channel_id, replace: false },
      toRespond(respond),
    );
  });
  app.action(/^run_words_[0-9]$/, async ({ action, body, ack, respond }) => {
    await ack();
    if (body.type !== "block_actions" || action.type !== "button") return;
    const user = { id: body.user.id, name: "name" in body.user ? String(body.user.name) : body.user.id };
    const replace = body.container["is_ephemeral"] === true && "text" in action && action.text.text === "Refresh";
    answer(
      { text: action.value ?? "", trigger: body.trigger_id, user, channel: body.channel?.id ?? "", replace },
      toRespond(respond),
    );
  });
  app.error(async (error) => {
    log.error({ code: "INTERNAL", err: String(error) }, "Bolt reported an error");
  });

  receiver.client.on("connected", () => notifier.ready("connected to Slack"));
  receiver.client.on("disconnected", () => notifier.status("Slack closed the connection; connecting again"));
  await app.start();
  log.info({ replica: parts.replica }, "connected to Slack");
  try {
    const following = Promise.all([resumeNotes(parts, signal), followBrake(config.bot.channel, parts, signal)]);
    await Promise.race([following, leaseLost(lease, signal)]);
  } finally {
    await app.stop();
  }
}

/** What this replica owned is no longer its own: it ends, and systemd starts it afresh. */
async function leaseLost(lease: Lease, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  lease.lost.addEventListener("abort", () => reject(lease.lost.reason), { once: true });
  await promise;
}

type BoltRespond = (message: {
  response_type?: "in_channel" | "ephemeral";
  replace_original?: boolean;
  text: string;
  blocks: KnownBlock[];
  metadata: MessageBody["metadata"] & { event_payload: Record<string, string | number | boolean> };
}) => Promise<unknown>;

function toRespond(respond: BoltRespond): Respond {
  return async ({ text, blocks, metadata }, { replace = false, inChannel = false } = {}) => {
    await respond({
      response_type: inChannel ? "in_channel" : "ephemeral",
      replace_original: replace,
      text,
      blocks: [...blocks],
      metadata: { ...metadata, event_payload: { ...metadata.event_payload } },
    });
  };
}
