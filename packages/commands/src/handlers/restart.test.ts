import { keys, type EtcdClient } from "@quarterdeck/etcd";
import type { Incarnation, Request, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { placed, submitted } from "../testing/hello-story.ts";
import {
  clusterOf,
  HASH,
  HELLO,
  M1,
  entry,
  machine,
  state,
  status,
  unit,
  unitFile,
  write,
} from "../testing/seed-cluster.ts";

const { signal } = new AbortController();

const FIRST = "a@1.service" as UnitName;
const SECOND = "a@2.service" as UnitName;
const THIRD = "a@3.service" as UnitName;

const three = (): Promise<EtcdClient> =>
  clusterOf(
    machine(M1),
    ...[FIRST, SECOND, THIRD].map((name) => unit(name, { target: "launched" })),
    unitFile(HASH, "[Service]\nExecStart=/bin/true\n"),
  );

/** The engine and the agent together: the asked unit gets a new generation, and ends so. */
async function restarts({ action }: Request, etcd: EtcdClient, active = "active"): Promise<{ changed: string[] }> {
  const units = action.verb === "restart" ? action.units : [];
  for (const name of units) {
    const incarnation = String((await etcd.get(keys.unit(name), signal))?.createRevision) as Incarnation;
    await write(etcd, unit(name, { generation: 2 }), status(name, incarnation));
    const told = await write(etcd, entry(M1, name, incarnation, { generation: 2 }));
    await write(etcd, state(M1, name, { incarnation, generation: 2, entryRevision: told, active: active as "active" }));
  }
  return { changed: [...units] };
}

test("restart is done when the unit runs anew", async () => {
  const etcd = await submitted();
  const asked = fakeEngine(etcd, async () => (await placed(etcd), {}), signal);
  const { view } = await run(fakeContext(etcd), "restart", "hello.service");
  expect(view).toMatchObject({ exitCode: 0, json: { state: "done", changed: [HELLO] } });
  expect(asked.map(({ action }) => action)).toEqual([{ verb: "restart", units: [HELLO] }]);
});

test("several are restarted one after another, each by a request of its own", async () => {
  const etcd = await three();
  const asked = fakeEngine(etcd, restarts, signal);
  const { view } = await run(fakeContext(etcd, { idempotencyKey: "typed-once" }), "restart", "a@*");
  expect(view).toMatchObject({ exitCode: 0, json: { state: "done", changed: [FIRST, SECOND, THIRD] } });
  expect(asked.map(({ action }) => action)).toEqual(
    [FIRST, SECOND, THIRD].map((name) => ({ verb: "restart", units: [name] })),
  );
  expect(new Set(asked.map(({ id }) => id)).size).toBe(3);
});

test("the first that does not come up is the last, and the others are said to be as they were", async () => {
  const etcd = await three();
  const asked = fakeEngine(
    etcd,
    (request, at) =>
      restarts(
        request,
        at,
        request.action.verb === "restart" && request.action.units[0] === SECOND ? "failed" : "active",
      ),
    signal,
  );
  const { view } = await run(fakeContext(etcd), "restart", FIRST, SECOND, THIRD);
  expect(view).toMatchObject({ exitCode: 1, json: { state: "failed", changed: [FIRST, SECOND] } });
  expect(textOf(view)).toContain("left as it was");
  expect(asked).toHaveLength(2);
});

test("with --no-block all of them are asked for at once", async () => {
  const etcd = await three();
  const asked = fakeEngine(etcd, restarts, signal);
  const { view } = await run(fakeContext(etcd), "restart", "a@*", "--no-block");
  expect(view.exitCode).toBe(0);
  await expect.poll(() => asked).toMatchObject([{ action: { units: [FIRST, SECOND, THIRD] } }]);
});

test("a template cannot be restarted", async () => {
  const etcd = await clusterOf(machine(M1), unit("a@.service" as UnitName, { target: "inactive" }));
  expect((await run(fakeContext(etcd), "restart", "a@.service")).view).toMatchObject({
    exitCode: 2,
    json: { error: { code: "USAGE", try: "fleet restart a@1.service" } },
  });
});
