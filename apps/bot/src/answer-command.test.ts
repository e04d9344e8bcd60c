import { systemClock } from "@quarterdeck/commands";
import { keys, put } from "@quarterdeck/etcd";
import { fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import { CodedError, principalSchema, timestampSchema, type Request } from "@quarterdeck/model";
import { pino } from "pino";
import { expect, test } from "vitest";
import { answerCommand, type Typed } from "./answer-command.ts";
import type { BotParts } from "./bot-parts.ts";
import { EditBudget } from "./edit-budget.ts";
import type { MessageBody, MessageRef } from "./ports.ts";
import { resumeNotes } from "./resume-notes.ts";

/** A channel that remembers what it was told, oldest first. */
function channel() {
  const messages = new Map<string, MessageBody[]>();
  let closed = false;
  return {
    messages,
    close: () => {
      closed = true;
    },
    messenger: {
      post: async (name: string, body: MessageBody): Promise<MessageRef> => {
        if (closed) throw new CodedError("SLACK_REFUSED", { message: "not_in_channel" });
        const ts = String(messages.size + 1);
        messages.set(ts, [body]);
        return { channel: name, ts };
      },
      update: async ({ ts }: MessageRef, body: MessageBody) => {
        messages.get(ts)?.push(body);
      },
    },
  };
}

async function replica(etcd: FakeEtcd, slack: ReturnType<typeof channel>, signal: AbortSignal): Promise<BotParts> {
  const lease = await etcd.grantLease({ ttlSeconds: 15 }, signal);
  return {
    etcd,
    base: {
      etcd,
      principal: principalSchema.parse("bot"),
      agent: {
        async *journal() {
          yield "";
        },
        status: async () => "",
      },
      clusterCa: async () => "",
      clock: systemClock,
      newId: () => crypto.randomUUID(),
    },
    messenger: slack.messenger,
    groups: { of: async () => ["developers"] },
    budget: new EditBudget(systemClock),
    replica: lease.id,
    leaseId: () => lease.id,
    log: pino({ level: "silent" }),
  };
}

/** An engine that answers every request with a refusal, or with nothing while `paused`. */
async function refuseAll(etcd: FakeEtcd, signal: AbortSignal, seen: Request[]): Promise<void> {
  await using mirror = await etcd.mirror(["requests/"], signal);
  const { ranges } = await import("@quarterdeck/etcd");
  for await (const _ of mirror.changes(signal))
    for (const { value } of mirror.list(ranges.requests)) {
      if (value.outcome !== null) continue;
      seen.push(value);
      const outcome = {
        kind: "refused" as const,
        problem: { code: "FORBIDDEN" as const, message: "no" },
        at: timestampSchema.parse("2026-11-24T00:00:00.000Z"),
      };
      await etcd.transact(
        { when: [], then: [put(keys.request(value.actor.principal, value.id), { ...value, outcome })] },
        signal,
      );
    }
}

const SUBMIT = "submit hello.service ```\n[Service]\nExecStart=/bin/true\n```";

const typed = (text: string, trigger = "123.456.abc"): Typed => ({
  text,
  trigger,
  user: { id: "U1", name: "dev" },
  channel: "C1",
  replace: false,
});

const finals = (bodies: readonly MessageBody[]) => bodies.map(({ metadata }) => metadata.event_payload.final);

test("a read is answered once, in private, and leaves nothing behind", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), channel(), [] as MessageBody[]];
  const parts = await replica(etcd, slack, stop.signal);
  await answerCommand(typed("list-machines"), parts, async (body) => void private_.push(body), stop.signal);
  expect(finals(private_)).toEqual([true]);
  expect(private_[0]?.metadata.event_payload).toMatchObject({ trigger: "123.456.abc", exitCode: 0 });
  expect(slack.messages.size).toBe(0);
  expect(etcd.dump()).toEqual({});
});

test("a change is one message in the channel: accepted first, its end last; the request names the Slack user", async () => {
  const stop = new AbortController();
  const [etcd, slack, seen] = [fakeEtcd(), channel(), [] as Request[]];
  const engine = refuseAll(etcd.connect(), stop.signal, seen);
  const parts = await replica(etcd, slack, stop.signal);
  await answerCommand(typed(SUBMIT), parts, async () => {}, stop.signal);
  expect(slack.messages.size).toBe(1);
  const bodies = slack.messages.get("1") ?? [];
  expect(bodies[0]?.text).toContain("Accepted");
  expect([bodies[0], bodies.at(-1)].map((body) => body?.metadata.event_payload.final)).toEqual([false, true]);
  expect(bodies.at(-1)?.metadata.event_payload).toMatchObject({ exitCode: 4, request: seen[0]?.id });
  expect(seen[0]?.actor).toEqual({
    principal: "bot",
    slack: { userId: "U1", userName: "dev", groups: ["developers"], channel: "C1" },
  });
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("bot/messages/"))).toEqual([]);
  stop.abort();
  await engine;
});

test("a command that Slack delivers twice, to two replicas, is one request and one message", async () => {
  const stop = new AbortController();
  const [etcd, slack, seen] = [fakeEtcd(), channel(), [] as Request[]];
  const engine = refuseAll(etcd.connect(), stop.signal, seen);
  const [first, second] = [await replica(etcd, slack, stop.signal), await replica(etcd.connect(), slack, stop.signal)];
  await Promise.all([first, second].map((parts) => answerCommand(typed(SUBMIT), parts, async () => {}, stop.signal)));
  expect(seen).toHaveLength(1);
  expect(slack.messages.size).toBe(1);
  stop.abort();
  await engine;
});

test("when the replica that followed a change dies, the other finishes the same message", async () => {
  const [stop, crash] = [new AbortController(), new AbortController()];
  const [etcd, slack, seen] = [fakeEtcd(), channel(), [] as Request[]];
  const dying = await replica(etcd.connect(), slack, stop.signal);
  const heir = await replica(etcd.connect(), slack, stop.signal);
  const orphaned = answerCommand(typed(SUBMIT), dying, async () => {}, crash.signal);
  await expect.poll(() => Object.keys(etcd.dump()).some((key) => key.startsWith("requests/bot/"))).toBe(true);
  crash.abort();
  await expect(orphaned).rejects.toThrow();
  expect(finals(slack.messages.get("1") ?? [])).not.toContain(true);

  const resuming = resumeNotes(heir, stop.signal);
  etcd.expireLease(dying.leaseId());
  const engine = refuseAll(etcd.connect(), stop.signal, seen);
  await expect.poll(() => finals(slack.messages.get("1") ?? []).at(-1)).toBe(true);
  expect(seen).toHaveLength(1);
  expect(slack.messages.size).toBe(1);
  stop.abort();
  await Promise.allSettled([resuming, engine]);
});

test("where the bot may not post, the person who asked is told the end in private", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), channel(), [] as MessageBody[]];
  const engine = refuseAll(etcd.connect(), stop.signal, []);
  slack.close();
  const parts = await replica(etcd, slack, stop.signal);
  await answerCommand(typed(SUBMIT), parts, async (body) => void private_.push(body), stop.signal);
  expect(finals(private_)).toEqual([false, true]);
  stop.abort();
  await engine;
});

test("an open quote is a problem with a code, and nothing is asked of the engine", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), channel(), [] as MessageBody[]];
  const parts = await replica(etcd, slack, stop.signal);
  await answerCommand(typed('stop "hello.service'), parts, async (body) => void private_.push(body), stop.signal);
  expect(private_[0]?.text).toContain("USAGE");
  expect(private_[0]?.metadata.event_payload.exitCode).toBe(2);
  expect(etcd.dump()).toEqual({});
});

test("a change that is refused before anything was asked is told in private, and the channel stays quiet", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), channel(), [] as MessageBody[]];
  const parts = await replica(etcd, slack, stop.signal);
  await answerCommand(typed("stop nowhere.service"), parts, async (body) => void private_.push(body), stop.signal);
  expect(finals(private_)).toEqual([true]);
  expect(private_[0]?.text).toContain("NOT_FOUND");
  expect(private_[0]?.metadata.event_payload.exitCode).toBe(3);
  expect(slack.messages.size).toBe(0);
  expect(Object.keys(etcd.dump()).filter((key) => !key.startsWith("bot/deliveries/"))).toEqual([]);
});
