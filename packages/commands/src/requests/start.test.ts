import { claimRequest, keys, put, remove } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { brokenAgent, codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { incarnationOfHello, placed, submitted } from "../testing/hello-story.ts";
import { AT, because, entry, HELLO, M1, M2, state, status, unit, write } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();

test("fleet #1021: start is done when the unit is active on its machine, and its document has exactly these keys", async () => {
  const etcd = await submitted();
  const asked = fakeEngine(etcd, async () => (await placed(etcd), {}), signal);
  const { view, progress } = await run(fakeContext(etcd), "start", "hello.service", "--reason", "a try");
  expect(view.exitCode).toBe(0);
  expect(view.json).toEqual({ request: "request-1", state: "done", changed: ["hello.service"], reason: "REQUESTED" });
  expect(textOf(view)).toContain("active on m1");
  expect(progress.length).toBeGreaterThan(0);
  expect(asked[0]).toMatchObject({
    id: "request-1",
    why: "a try",
    actor: { principal: "operator:test", slack: null },
    action: { verb: "start", units: ["hello.service"], files: [], replace: false },
  });
});

test("what was so already is unchanged, and true all the same", async () => {
  const etcd = await submitted();
  fakeEngine(etcd, async () => (await placed(etcd), { changed: [] }), signal);
  expect((await run(fakeContext(etcd), "start", "hello.service")).view).toMatchObject({
    exitCode: 0,
    json: { state: "unchanged", changed: [] },
  });
});

test("fleet #1021: start waits for the check, and says so when the time is over", async () => {
  const etcd = await submitted();
  fakeEngine(etcd, async () => (await placed(etcd, { health: "failing", healthDetail: "HTTP 500" }), {}), signal);
  const { view } = await run(fakeContext(etcd), "start", "hello.service", "--timeout", "5s");
  expect(view.exitCode).toBe(6);
  expect(view.json).toMatchObject({
    request: "request-1",
    state: "running",
    error: { code: "TIMED_OUT", correlationId: "request-1" },
  });
  expect(textOf(view)).toContain("HTTP 500");
});

test("while the engine waits for something itself, it is told what for, also when the time is over", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async ({ actor, id, submittedAt: at }) => {
      const entry = await etcd.get(keys.request(actor.principal, id), signal);
      if (entry === null) return expect.fail("there is no request");
      await etcd.transact(claimRequest(entry, { by: "m1", doing: "asks the registry", at }), signal);
      return new Promise(() => {});
    },
    signal,
  );
  const { view, progress } = await run(fakeContext(etcd), "start", "hello.service", "--timeout", "5s");
  expect(progress.map(textOf).join()).toContain("the engine asks the registry");
  expect(view.exitCode).toBe(6);
  expect(textOf(view)).toContain("still going on: the engine asks the registry");
});

test("fleet #1021: a unit that failed is an error with its last words", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => (await placed(etcd, { active: "failed", sub: "failed", result: "exit-code" }), {}),
    signal,
  );
  const { view } = await run(fakeContext(etcd), "start", "hello.service");
  expect(view.exitCode).toBe(1);
  expect(codeOf(view)).toBe("UNIT_FAILED");
  expect(view.json).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("exit-code"),
    error: { code: "UNIT_FAILED" },
  });
  expect(textOf(view)).toContain("hello.service says hello on 10.78.0.11");
});

test("a failure is told too when the agent cannot be asked for the journal", async () => {
  const etcd = await submitted();
  fakeEngine(etcd, async () => (await placed(etcd, { active: "failed" }), {}), signal);
  const silent = brokenAgent(new Error("no route"));
  const { view } = await run(fakeContext(etcd, { agent: silent }), "start", "hello.service");
  expect(view.exitCode).toBe(1);
  expect(textOf(view)).toContain("no route");
});

test.each([
  ["before the engine has rewritten its entry", false],
  ["before the agent has acted on the new entry", true],
])("a former failure does not count %s", async (_, rewritten) => {
  const etcd = await submitted();
  const { incarnation } = await placed(etcd, { active: "failed" });
  const again = async () => write(etcd, entry(M1, HELLO, incarnation, { generation: 3 }));
  fakeEngine(
    etcd,
    async () => {
      await write(etcd, unit(HELLO, { generation: 3 }));
      const early = rewritten ? await again() : null;
      setTimeout(() => {
        void (async () => {
          const revision = early ?? (await again());
          await write(etcd, state(M1, HELLO, { incarnation, generation: 3, entryRevision: revision }));
        })();
      }, 0);
      return {};
    },
    signal,
  );
  expect((await run(fakeContext(etcd), "start", "hello.service")).view).toMatchObject({ exitCode: 0 });
});

test("a unit that runs once is done when it has succeeded", async () => {
  const etcd = await submitted("[Service]\nType=oneshot\nExecStart=/bin/true\n");
  fakeEngine(etcd, async () => (await placed(etcd, { active: "inactive", sub: "dead" }), {}), signal);
  const { view } = await run(fakeContext(etcd), "start", "hello.service");
  expect(view.exitCode).toBe(0);
  expect(textOf(view)).toContain("succeeded on m1");
});

test("fleet #1021: a unit that should stay and ended by itself is a failure", async () => {
  const etcd = await submitted();
  fakeEngine(etcd, async () => (await placed(etcd, { active: "inactive", sub: "dead" }), {}), signal);
  expect((await run(fakeContext(etcd), "start", "hello.service")).view).toMatchObject({
    exitCode: 1,
    json: { error: { code: "UNIT_FAILED" } },
  });
});

test("a unit file that the agent could not use is the agent's problem, word for word", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => (
      await placed(etcd, { active: "inactive", problem: { code: "SYSTEMD_REFUSED", message: "bad setting" } }),
      {}
    ),
    signal,
  );
  expect((await run(fakeContext(etcd), "start", "hello.service")).view).toMatchObject({
    exitCode: 1,
    json: { error: { code: "SYSTEMD_REFUSED", message: "bad setting" } },
  });
});

test("fleet #1348: a unit that fits nowhere is told in seconds, with a reason a machine", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => {
      const incarnation = await incarnationOfHello(etcd);
      await write(etcd, unit(HELLO, { generation: 2 }));
      await write(
        etcd,
        status(HELLO, incarnation, {
          phase: "unplaced",
          machine: null,
          reason: because("NO_CANDIDATE", "no machine takes it"),
          refusals: [
            { machine: M1, reason: because("METADATA_MISMATCH", "role is worker, not db") },
            { machine: M2, reason: because("MACHINE_CORDONED") },
          ],
        }),
      );
      return {};
    },
    signal,
  );
  const context = fakeContext(etcd);
  const began = context.clock.now();
  const { view } = await run(context, "start", "hello.service");
  expect(view.exitCode).toBe(5);
  expect(view.json).toMatchObject({
    state: "failed",
    error: { code: "UNPLACEABLE", why: "m1: role is worker, not db; m2: MACHINE_CORDONED" },
  });
  expect(context.clock.now() - began).toBeLessThan(5000);
});

test("a reason that passes by itself is waited for", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => {
      const incarnation = await incarnationOfHello(etcd);
      await write(etcd, unit(HELLO, { generation: 2 }));
      await write(
        etcd,
        status(HELLO, incarnation, { phase: "unplaced", machine: null, reason: because("WAITS_FOR_STOP") }),
      );
      return {};
    },
    signal,
  );
  expect((await run(fakeContext(etcd), "start", "hello.service", "--timeout", "4s")).view.exitCode).toBe(6);
});

test("a global unit is started when it is active wherever it was put, and not before", async () => {
  const etcd = await submitted();
  let second: Promise<unknown> | undefined;
  fakeEngine(
    etcd,
    async () => {
      const incarnation = await incarnationOfHello(etcd);
      await write(
        etcd,
        unit(HELLO, { generation: 2 }),
        status(HELLO, incarnation, { phase: "global", machine: null, reason: because("GLOBAL_UNIT") }),
      );
      const revision = await write(
        etcd,
        entry(M1, HELLO, incarnation, { generation: 2 }),
        entry(M2, HELLO, incarnation, { generation: 2 }),
      );
      await write(etcd, state(M1, HELLO, { incarnation, generation: 2, entryRevision: revision }));
      second = new Promise((resolve) => setTimeout(resolve, 0)).then(() =>
        write(etcd, state(M2, HELLO, { incarnation, generation: 2, entryRevision: revision })),
      );
      return {};
    },
    signal,
  );
  const { view } = await run(fakeContext(etcd), "start", "hello.service");
  await second;
  expect(view.exitCode).toBe(0);
  expect(textOf(view)).toContain("active on m1, active on m2");
});

test("a global unit that is changed on one machine after another is waited for to the last", async () => {
  const etcd = await submitted();
  fakeEngine(
    etcd,
    async () => {
      const incarnation = await incarnationOfHello(etcd);
      const global = { phase: "global", machine: null, reason: because("GLOBAL_UNIT") } as const;
      await write(etcd, unit(HELLO, { generation: 2 }), status(HELLO, incarnation, global));
      const revision = await write(
        etcd,
        entry(M1, HELLO, incarnation, { generation: 2 }),
        entry(M2, HELLO, incarnation, { generation: 1 }),
      );
      await write(
        etcd,
        state(M1, HELLO, { incarnation, generation: 2, entryRevision: revision }),
        state(M2, HELLO, { incarnation, generation: 1, entryRevision: revision }),
      );
      return {};
    },
    signal,
  );
  const { view } = await run(fakeContext(etcd), "restart", "hello.service", "--timeout", "3s");
  expect(view.exitCode).toBe(6);
  expect(textOf(view)).toContain("done on 1 machines, then on m2");
});

test("start of a unit whose machine is lost says that the brake is on, and where to look", async () => {
  const etcd = await submitted();
  await placed(etcd);
  const on = { since: AT, reason: because("BRAKED", "2 of 3 machines are silent") };
  await write(etcd, [remove(keys.presence(M1)), put(keys.brake(), { v: 1, on, release: null })]);
  fakeEngine(etcd, async () => ({ changed: [] }), signal);
  const { view } = await run(fakeContext(etcd), "start", "hello.service", "--timeout", "3s");
  expect(view.exitCode).toBe(6);
  expect(textOf(view)).toContain("its machine is lost, and the brake is on: fleet brake");
});
