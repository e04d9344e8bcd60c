import { keys, remove } from "@quarterdeck/etcd";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { Facts } from "../facts/facts.ts";
import { fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { incarnationOfHello, placed, submitted } from "../testing/hello-story.ts";
import { entry, HELLO, M1, state, status, unit, write } from "../testing/seed-cluster.ts";
import { judgeUnits } from "./judge-units.ts";

const { signal } = new AbortController();

test("load is done when the machine has it and does not run it", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => {
      const incarnation = await incarnationOfHello(etcd);
      await write(etcd, unit(HELLO, { generation: 2, target: "loaded" }), status(HELLO, incarnation));
      const revision = await write(etcd, entry(M1, HELLO, incarnation, { generation: 2, target: { kind: "loaded" } }));
      await write(
        etcd,
        state(M1, HELLO, { incarnation, generation: 2, active: "inactive", sub: "dead", entryRevision: revision }),
      );
      return {};
    },
    signal,
  );
  expect((await run(fakeContext(etcd), "load", "hello.service")).view).toMatchObject({
    exitCode: 0,
    json: { state: "done" },
  });
});

test("stop is done when nothing runs and the agent has said so", async () => {
  const etcd = await submitted();
  const { incarnation } = await placed(etcd);
  fakeEngine(
    etcd,
    async () => {
      await write(etcd, unit(HELLO, { generation: 3, target: "loaded" }));
      const revision = await write(etcd, entry(M1, HELLO, incarnation, { generation: 3, target: { kind: "loaded" } }));
      setTimeout(
        () =>
          void write(
            etcd,
            state(M1, HELLO, { incarnation, generation: 3, active: "inactive", sub: "dead", entryRevision: revision }),
          ),
        0,
      );
      return {};
    },
    signal,
  );
  const { view, progress } = await run(fakeContext(etcd), "stop", "hello.service");
  expect(view).toMatchObject({ exitCode: 0, json: { state: "done" } });
  expect(JSON.stringify(progress)).toContain("is being stopped on m1");
});

test("stop does not wait for a machine that is lost", async () => {
  const etcd = await submitted();
  await placed(etcd);
  await write(etcd, [remove(keys.presence(M1))]);
  fakeEngine(etcd, async () => (await write(etcd, unit(HELLO, { generation: 3, target: "loaded" })), {}), signal);
  const { view } = await run(fakeContext(etcd), "stop", "hello.service", "--timeout", "3s");
  expect(view.exitCode).toBe(0);
  expect(textOf(view)).toContain("m1 is lost and does it on return");
});

test("unload is done when no machine has it any more", async () => {
  const etcd = await submitted();
  await placed(etcd);
  fakeEngine(
    etcd,
    async () => {
      await write(etcd, unit(HELLO, { generation: 3, target: "inactive" }));
      setTimeout(() => void write(etcd, [remove(keys.schedule(M1, HELLO)), remove(keys.state(M1, HELLO))]), 0);
      return {};
    },
    signal,
  );
  expect((await run(fakeContext(etcd), "unload", "hello.service")).view).toMatchObject({
    exitCode: 0,
    json: { state: "done" },
  });
});

test("fleet #971: destroy is done while a machine is lost: it is told what that machine still has to do", async () => {
  const etcd = await submitted();
  await placed(etcd);
  await write(etcd, [remove(keys.presence(M1))]);
  fakeEngine(etcd, async () => (await write(etcd, [remove(keys.unit(HELLO)), remove(keys.status(HELLO))]), {}), signal);
  const { view } = await run(fakeContext(etcd), "destroy", "hello.service");
  expect(view.exitCode).toBe(0);
  expect(textOf(view)).toContain("m1 is lost and does it on return");
});

test("a wait that somebody else's request made pointless ends with a conflict", async () => {
  const etcd = await submitted();
  fakeEngine(etcd, async () => (await write(etcd, [remove(keys.unit(HELLO))]), {}), signal);
  expect((await run(fakeContext(etcd), "start", "hello.service")).view).toMatchObject({
    exitCode: 8,
    json: { error: { code: "CONFLICT" } },
  });
});

test("what the engine refuses is told as the engine said it", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => ({
      code: "FORBIDDEN",
      message: "operator:test may not start",
      why: "no rule",
      whoCanFix: "sre",
      try: "fleet policy get",
    }),
    signal,
  );
  const { view } = await run(fakeContext(etcd), "start", "hello.service");
  expect(view).toMatchObject({
    exitCode: 4,
    json: {
      error: {
        code: "FORBIDDEN",
        message: "operator:test may not start",
        why: "no rule",
        try: "fleet policy get",
        correlationId: "request-1",
      },
    },
  });
});

test("--no-block returns the request and nothing else", async () => {
  const etcd = await submitted();
  expect((await run(fakeContext(etcd), "start", "hello.service", "--no-block")).view).toMatchObject({
    exitCode: 0,
    json: { request: "request-1" },
  });
});

test("when no engine answers the request goes on, and so says the code", async () => {
  const etcd = await submitted();
  const { view } = await run(fakeContext(etcd), "start", "hello.service", "--timeout", "3s");
  expect(view).toMatchObject({ exitCode: 6, json: { error: { code: "TIMED_OUT", correlationId: "request-1" } } });
});

test("the same words under the same key are one request", async () => {
  const etcd = await submitted();
  const asked = fakeEngine(etcd, async () => (await placed(etcd), {}), signal);
  const context = fakeContext(etcd, { idempotencyKey: "envelope-1" });
  const first = await run(context, "start", "hello.service");
  const second = await run(context, "start", "hello.service");
  expect(first.view.json).toEqual(second.view.json);
  expect(asked).toHaveLength(1);
});

test("another request under the same key is a conflict", async () => {
  const etcd = await submitted();
  const context = fakeContext(etcd, { idempotencyKey: "envelope-1" });
  await run(context, "start", "hello.service", "--no-block");
  expect((await run(context, "stop", "hello.service", "--no-block")).view.exitCode).toBe(8);
});

test("a pattern destroys only what was confirmed", async () => {
  const etcd = await submitted();
  const refused = await run(fakeContext(etcd), "destroy", "hel*");
  expect(refused.view).toMatchObject({
    exitCode: 2,
    json: {
      error: {
        code: "CONFIRMATION_NEEDED",
        message: "hel* means 1 unit, which would be destroyed",
        try: "fleet destroy 'hel*' --yes",
      },
    },
  });
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
  const asked = await run(fakeContext(etcd, { confirm: async () => true }), "destroy", "hel*", "--no-block");
  expect(asked.view.exitCode).toBe(0);
  expect((await run(fakeContext(etcd), "destroy", "hel*", "--yes", "--no-block")).view.exitCode).toBe(0);
});

test("several units are each waited for", async () => {
  const etcd = await submitted();
  const other = "other.service" as UnitName;
  await write(etcd, unit(other, { target: "inactive" }));
  fakeEngine(etcd, async () => (await placed(etcd), {}), signal);
  const { view } = await run(fakeContext(etcd), "start", "hello.service", "other.service", "--timeout", "3s");
  expect(view.exitCode).toBe(8);
  expect(textOf(view)).toContain("other.service: overtaken");
});

test("one unit is not named twice while it starts, and several are counted at the end", () => {
  const facts = {} as Facts;
  const waiting = judgeUnits(["a.service" as UnitName], () => ({ kind: "waiting", detail: "is being started on m2" }));
  expect(waiting(facts, 0, 0)).toMatchObject({ text: "is being started on m2" });
  const two = ["a.service" as UnitName, "b.service" as UnitName];
  expect(judgeUnits(two, () => ({ kind: "true", detail: "active on m1" }))(facts, 0, 0)).toMatchObject({
    text: "all 2 units done",
  });
});
