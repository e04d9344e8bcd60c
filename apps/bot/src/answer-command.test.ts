import { keys, put } from "@quarterdeck/etcd";
import { fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import { timestampSchema, type Request } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { answerCommand, type Typed } from "./answer-command.ts";
import type { AnyMessage, MessageBody, SlackMessenger } from "./ports.ts";
import { resumeNotes } from "./resume-notes.ts";
import { createReplica } from "./testing/create-replica.ts";
import { createFakeChannel } from "./testing/fake-channel.ts";

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

const finals = (bodies: readonly AnyMessage[]) =>
  bodies.map(({ metadata }) => metadata.event_type === "fleet_answer" && metadata.event_payload.final);

test("a read is answered once, in private, and leaves nothing behind", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), createFakeChannel(), [] as MessageBody[]];
  const parts = await createReplica({ etcd, slack }, stop.signal);
  await answerCommand(typed("list-machines"), parts, async (body) => void private_.push(body), stop.signal);
  expect(finals(private_)).toEqual([true]);
  expect(private_[0]?.metadata.event_payload).toMatchObject({ trigger: "123.456.abc", exitCode: 0 });
  expect(slack.messages.size).toBe(0);
  expect(etcd.dump()).toEqual({});
});

test("a change is one message in the channel: accepted first, its end last; the request names the Slack user", async () => {
  const stop = new AbortController();
  const [etcd, slack, seen] = [fakeEtcd(), createFakeChannel(), [] as Request[]];
  const engine = refuseAll(etcd.connect(), stop.signal, seen);
  const parts = await createReplica({ etcd, slack }, stop.signal);
  await answerCommand(typed(SUBMIT), parts, async () => {}, stop.signal);
  expect(slack.messages.size).toBe(1);
  const bodies = slack.messages.get("1") ?? [];
  expect(bodies[0]?.text).toContain("Accepted");
  expect([finals(bodies)[0], finals(bodies).at(-1)]).toEqual([false, true]);
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
  const [etcd, slack, seen] = [fakeEtcd(), createFakeChannel(), [] as Request[]];
  const engine = refuseAll(etcd.connect(), stop.signal, seen);
  const [first, second] = [
    await createReplica({ etcd, slack }, stop.signal),
    await createReplica({ etcd: etcd.connect(), slack }, stop.signal),
  ];
  await Promise.all([first, second].map((parts) => answerCommand(typed(SUBMIT), parts, async () => {}, stop.signal)));
  expect(seen).toHaveLength(1);
  expect(slack.messages.size).toBe(1);
  stop.abort();
  await engine;
});

test("when the replica that followed a change dies, the other finishes the same message", async () => {
  const [stop, crash] = [new AbortController(), new AbortController()];
  const [etcd, slack, seen] = [fakeEtcd(), createFakeChannel(), [] as Request[]];
  const dying = await createReplica({ etcd: etcd.connect(), slack }, stop.signal);
  const heir = await createReplica({ etcd: etcd.connect(), slack }, stop.signal);
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

test.each([
  ["posted the message and had not noted it", true],
  ["noted that it would and had not posted", false],
])("when the replica that died had %s, the other ends with one message", async (_, posted) => {
  const [stop, crash] = [new AbortController(), new AbortController()];
  const [etcd, slack, seen] = [fakeEtcd(), createFakeChannel(), [] as Request[]];
  const dying = await createReplica({ etcd: etcd.connect(), slack }, stop.signal);
  const messenger: SlackMessenger = {
    ...slack.messenger,
    async post(channel, body) {
      if (posted) await slack.messenger.post(channel, body);
      crash.abort();
      return new Promise(() => {});
    },
  };
  void answerCommand(typed(SUBMIT), { ...dying, messenger }, async () => {}, crash.signal);
  await expect.poll(() => crash.signal.aborted).toBe(true);
  const heir = await createReplica({ etcd: etcd.connect(), slack }, stop.signal);
  const resuming = resumeNotes(heir, stop.signal);
  etcd.expireLease(dying.leaseId());
  const engine = refuseAll(etcd.connect(), stop.signal, seen);
  await expect.poll(() => finals(slack.messages.get("1") ?? []).at(-1)).toBe(true);
  expect([seen.length, slack.messages.size]).toEqual([1, 1]);
  stop.abort();
  await Promise.allSettled([resuming, engine]);
});

test("where the bot may not post, the person who asked is told the end in private", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), createFakeChannel(), [] as MessageBody[]];
  const engine = refuseAll(etcd.connect(), stop.signal, []);
  slack.close();
  const parts = await createReplica({ etcd, slack }, stop.signal);
  await answerCommand(typed(SUBMIT), parts, async (body) => void private_.push(body), stop.signal);
  expect(finals(private_)).toEqual([false, true]);
  stop.abort();
  await engine;
});

test("an open quote is a problem with a code, and nothing is asked of the engine", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), createFakeChannel(), [] as MessageBody[]];
  const parts = await createReplica({ etcd, slack }, stop.signal);
  await answerCommand(typed('stop "hello.service'), parts, async (body) => void private_.push(body), stop.signal);
  expect(private_[0]?.text).toContain("USAGE");
  expect(private_[0]?.metadata.event_payload.exitCode).toBe(2);
  expect(etcd.dump()).toEqual({});
});

test("a change that is refused before anything was asked is told in private, and the channel stays quiet", async () => {
  const stop = new AbortController();
  const [etcd, slack, private_] = [fakeEtcd(), createFakeChannel(), [] as MessageBody[]];
  const parts = await createReplica({ etcd, slack }, stop.signal);
  await answerCommand(typed("stop nowhere.service"), parts, async (body) => void private_.push(body), stop.signal);
  expect(finals(private_)).toEqual([true]);
  expect(private_[0]?.text).toContain("NOT_FOUND");
  expect(private_[0]?.metadata.event_payload.exitCode).toBe(3);
  expect(slack.messages.size).toBe(0);
  expect(Object.keys(etcd.dump()).filter((key) => !key.startsWith("bot/deliveries/"))).toEqual([]);
});
