import type { Clock } from "@quarterdeck/commands";
import { keys, put, remove, type EtcdClient } from "@quarterdeck/etcd";
import { fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import { CodedError, type Brake, type MachineId, type Presence, type Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { brakeNoticeKey, type BrakeNotice } from "./brake-notice.ts";
import { followBrake } from "./follow-brake.ts";
import { createReplica } from "./testing/create-replica.ts";
import { createFakeChannel, type FakeChannel } from "./testing/fake-channel.ts";

const AT = "2026-11-24T00:00:00.000Z" as Timestamp;
const LATER = "2026-11-24T01:00:00.000Z" as Timestamp;
const IDS = ["1", "2", "3"].map((digit) => digit.repeat(32) as MachineId);

const presence = (machine: MachineId): Presence => ({
  v: 1,
  machine,
  hostname: `m${machine[0] ?? ""}`,
  address: "10.0.0.1",
  agentPort: 7443,
  zone: "local",
  os: "test",
  versions: {},
  capacity: { cpus: 2, memoryMiB: 1024 },
  metadata: {},
  bootId: "b",
  instanceId: "i",
  startedAt: AT,
});

const on = (text: string, since = AT): Brake => ({
  v: 1,
  on: { since, reason: { code: "BRAKED", text } },
  release: null,
});
const released: Brake = {
  v: 1,
  on: null,
  release: { at: LATER, by: "@oncall", why: "rack a burnt down", machines: IDS.slice(1) },
};

/** A clock on which every sleep is over at once, and has taken its time. */
function quickClock(): Clock & { readonly slept: readonly number[] } {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

type Story = AsyncDisposable & {
  readonly etcd: FakeEtcd;
  readonly slack: FakeChannel;
  readonly clock: ReturnType<typeof quickClock>;
  /** Texts of each message, oldest first. */
  texts(): readonly (readonly string[])[];
  write(brake: Brake | null): Promise<void>;
  /** Another replica begins; `die` ends it, and its lease with it. */
  begin(channel?: string, through?: (etcd: EtcdClient) => EtcdClient): Promise<{ die(): Promise<void> }>;
};

/** Three machines of which the last two are gone. */
async function createStory(): Promise<Story> {
  const stop = new AbortController();
  const [etcd, slack, clock] = [fakeEtcd(), createFakeChannel(), quickClock()];
  const running: Promise<void>[] = [];
  for (const machine of IDS) {
    const facts = { v: 1 as const, machine, metadata: {}, cordoned: false, lostAt: null };
    await etcd.transact(
      { when: [], then: [put(keys.machine(machine), { ...facts, lastPresence: presence(machine) })] },
      stop.signal,
    );
  }
  const first = IDS[0] as MachineId;
  await etcd.transact({ when: [], then: [put(keys.presence(first), presence(first))] }, stop.signal);
  return {
    etcd,
    slack,
    clock,
    texts: () => [...slack.messages.values()].map((bodies) => bodies.map(({ text }) => text)),
    async write(brake) {
      const change = brake === null ? remove(keys.brake()) : put(keys.brake(), brake);
      await etcd.transact({ when: [], then: [change] }, stop.signal);
    },
    async begin(channel = "ops", through = (own) => own) {
      const life = new AbortController();
      const signal = AbortSignal.any([stop.signal, life.signal]);
      const parts = await createReplica({ etcd: etcd.connect(), slack, clock }, signal);
      const loop = followBrake(channel, { ...parts, etcd: through(parts.etcd) }, signal);
      running.push(loop);
      return {
        async die() {
          life.abort();
          await loop;
          etcd.expireLease(parts.leaseId());
        },
      };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

test("the brake asks once in the channel: what is lost, why it braked, what to type; and the message says how it ended", async () => {
  await using story = await createStory();
  await story.begin();
  await story.write(on("2 of 3 machines are silent"));
  await expect.poll(() => story.texts()).toHaveLength(1);
  const [asked] = story.texts()[0] ?? [];
  expect(asked).toContain("the brake is on");
  expect(asked).toContain("2 of 3 machines are silent");
  expect(asked).toContain("m2, m3");
  expect(asked).toContain("try /fleet brake release --reason …");
  await story.write(released);
  await expect.poll(() => story.texts()[0]?.at(-1)).toContain("the brake is released");
  const end = story.texts()[0]?.at(-1);
  expect(end).toContain("@oncall");
  expect(end).toContain("rack a burnt down");
  // The release ends when its machines are back, which changes nothing for those who read it.
  await story.write(null);
  await story.begin();
  await settle();
  expect(story.texts()).toHaveLength(1);
  expect(story.texts()[0]).toHaveLength(2);
});

test("its metadata name no command, so that nobody takes it for an answer", async () => {
  await using story = await createStory();
  await story.begin();
  await story.write(on("gone"));
  await expect.poll(() => story.slack.messages.size).toBe(1);
  expect(story.slack.messages.get("1")?.[0]?.metadata).toEqual({
    event_type: "fleet_notice",
    event_payload: { notice: "brake", since: AT },
  });
});

test("two replicas ask once, and when the one that asked dies the other goes on with its message", async () => {
  await using story = await createStory();
  const dying = await story.begin();
  await story.begin();
  await story.write(on("2 of 3 machines are silent"));
  await expect.poll(() => story.texts()).toHaveLength(1);
  await settle();
  await dying.die();
  await story.write(on("1 of 3 machines is silent"));
  await expect.poll(() => story.texts()[0]?.at(-1)).toContain("1 of 3 machines is silent");
  await story.write(null);
  await expect.poll(() => story.texts()[0]?.at(-1)).toContain(`the brake is off`);
  expect(story.texts()[0]?.at(-1)).toContain(AT);
  expect(story.texts()).toHaveLength(1);
});

test("a replica that starts again goes on with the message of the one before it", async () => {
  await using story = await createStory();
  const before = await story.begin();
  await story.write(on("gone"));
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "1", channel: "C-ops" });
  await before.die();
  await story.begin();
  await story.write(released);
  await expect.poll(() => story.texts()[0]?.at(-1)).toContain("the brake is released");
  expect(story.texts()).toHaveLength(1);
});

/** As a replica leaves it that died after it had posted the message, and before it could note where that stands. */
async function diedUnnoted({ etcd, slack }: Story): Promise<void> {
  const note: BrakeNotice = { v: 1, since: AT, channel: "ops", ts: "", shown: "1", ended: false };
  await etcd.transact({ when: [], then: [put(brakeNoticeKey, note)] }, AbortSignal.timeout(3_000));
  const metadata = { event_type: "fleet_notice", event_payload: { notice: "brake", since: AT } } as const;
  await slack.messenger.post("ops", { text: "the brake is on", blocks: [], metadata });
}

test("a message that was posted and never noted is found in the channel, and gone on with", async () => {
  await using story = await createStory();
  await diedUnnoted(story);
  await story.write(on("2 of 3 machines are silent"));
  await story.begin();
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "1", channel: "C-ops" });
  expect(story.texts()).toHaveLength(1);
  expect(story.texts()[0]?.at(-1)).toContain("2 of 3 machines are silent");
});

test("where the channel cannot be looked through, people are asked once more rather than never", async () => {
  await using story = await createStory();
  await diedUnnoted(story);
  story.slack.hide();
  await story.write(on("gone"));
  await story.begin();
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "2" });
});

test("a later mishap is a message of its own, and the one before it is told to be over", async () => {
  await using story = await createStory();
  const before = await story.begin();
  await story.write(on("gone"));
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "1" });
  await before.die();
  await story.write(null);
  await story.write(on("gone again", LATER));
  await story.begin();
  await expect.poll(() => story.texts().map((texts) => texts.length)).toEqual([2, 1]);
  expect(story.texts()[0]?.at(-1)).toContain("came on again");
  expect(story.texts()[1]?.[0]).toContain("gone again");
});

test("a channel that the bot is not let into is tried again, until the brake is off", async () => {
  await using story = await createStory();
  story.slack.close();
  await story.begin();
  await story.write(on("gone"));
  await expect.poll(() => story.clock.slept.length).toBeGreaterThan(2);
  expect(story.texts()).toEqual([]);
  story.slack.open();
  await expect.poll(() => story.texts()).toHaveLength(1);
});

test("a brake that went off before anybody could be told is told to nobody", async () => {
  await using story = await createStory();
  story.slack.close();
  await story.begin();
  await story.write(on("gone"));
  await expect.poll(() => story.clock.slept.length).toBeGreaterThan(2);
  await story.write(null);
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ended: true });
  story.slack.open();
  await settle();
  expect(story.texts()).toEqual([]);
});

test("a message that somebody deleted is posted anew", async () => {
  await using story = await createStory();
  await story.begin();
  await story.write(on("gone"));
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "1" });
  story.slack.deleteAll();
  await story.write(released);
  await expect.poll(() => story.texts()).toHaveLength(2);
  expect(story.texts()[1]?.[0]).toContain("the brake is released");
  expect(story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "2", ended: true });
});

test("an etcd that takes no writes for a while has nothing asked twice", async () => {
  await using story = await createStory();
  let failures = 3;
  const failing = (etcd: EtcdClient): EtcdClient => ({
    ...etcd,
    transact: async (transaction, signal) => {
      const isOfMessage = transaction.then.some((one) => one.kind === "put" && one.json.includes('"ts":"1"'));
      if (!isOfMessage || failures-- <= 0) return etcd.transact(transaction, signal);
      throw new CodedError("ETCD_TIMEOUT", { message: "no answer" });
    },
  });
  await story.begin("ops", failing);
  await story.write(on("gone"));
  await expect.poll(() => story.etcd.dump()["bot/cursors/brake"]).toMatchObject({ ts: "1" });
  expect(story.texts()).toHaveLength(1);
  expect(failures).toBe(-1);
});

test("a mirror that lags behind what was written has nothing told twice", async () => {
  await using story = await createStory();
  await story.begin("ops", lagging);
  await story.write(on("gone"));
  await expect.poll(() => story.texts()).toHaveLength(1);
  await story.write(on("more are gone"));
  await story.write(released);
  await expect.poll(() => story.texts()[0]?.at(-1)).toContain("the brake is released");
  await settle();
  expect(story.texts()).toHaveLength(1);
});

test("without a channel nobody is asked", async () => {
  await using story = await createStory();
  await story.begin("");
  await story.write(on("gone"));
  await settle();
  expect(story.texts()).toEqual([]);
  expect(story.etcd.dump()["bot/cursors/brake"]).toBeUndefined();
});

/** Whoever is woken by a change sees first what was before it, then the change. */
function lagging(etcd: EtcdClient): EtcdClient {
  return {
    ...etcd,
    async mirror(prefixes, signal) {
      const real = await etcd.mirror(prefixes, signal);
      let seen = await etcd.snapshot(prefixes, signal);
      return {
        get revision() {
          return seen.revision;
        },
        get: (key) => seen.get(key),
        list: (range) => seen.list(range),
        listWhere: (range, where) => real.listWhere(range, where),
        unreadable: (range) => seen.unreadable(range),
        ageMs: () => real.ageMs(),
        async *changes(until) {
          for await (const change of real.changes(until)) {
            yield change;
            seen = await etcd.snapshot(prefixes, signal);
            yield change;
          }
        },
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      };
    },
  };
}

/** Lets everything that can go on come to rest. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
