import { keys } from "@quarterdeck/etcd";
import type { RequestId } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { because, clusterOf, HELLO, M1, M2, machine, unit } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();
const cluster = () => clusterOf(machine(M1), machine(M2), unit(HELLO));

test("plan asks for a dry run of the verb and shows each step with its reason; nobody is asked for a yes", async () => {
  const etcd = await cluster();
  const asked = fakeEngine(
    etcd,
    async () => ({
      changed: [M1],
      reason: because("REQUESTED", "drain m1"),
      forecast: [
        { step: "move" as const, units: [HELLO], from: M1, to: M2, reason: because("DRAINED", "m1 is drained") },
      ],
    }),
    signal,
  );
  const { view } = await run(fakeContext(etcd), "plan", "drain", "m1", "-o", "json");
  expect(asked).toMatchObject([{ action: { verb: "drain", machine: M1 }, dryRun: true }]);
  expect(view).toMatchObject({
    exitCode: 0,
    json: {
      request: "request-1",
      changed: [M1],
      reason: "REQUESTED: drain m1",
      steps: [{ step: "move", units: [HELLO], from: M1, to: M2, reason: "DRAINED: m1 is drained" }],
    },
  });
  expect(textOf(view)).toContain('"from":"m1","to":"m2"');
  expect(textOf(view)).toContain("nothing was changed");
});

test("the flags of the planned verb are its own, and global flags may stand before it", async () => {
  const etcd = await cluster();
  const asked = fakeEngine(etcd, async () => ({ changed: [] }), signal);
  const { view } = await run(fakeContext(etcd), "-o", "json", "plan", "rebalance", "--max", "2");
  expect(asked[0]?.action).toEqual({ verb: "rebalance", max: 2 });
  expect(textOf(view)).toContain("nothing would change");
});

test("a change that is not planned is no dry run", async () => {
  const etcd = await cluster();
  await run(fakeContext(etcd), "cordon", "m1", "--no-block");
  const request = (await etcd.snapshot(["requests/"], signal)).get(
    keys.request(fakeContext(etcd).principal, "request-1" as RequestId),
  );
  expect(request?.value.dryRun).toBeUndefined();
});

test.each([
  [["plan"], "USAGE", "plan rebalance"],
  [["plan", "status"], "USAGE", "fleet status"],
  [["plan", "brake", "release"], "USAGE", "fleet help brake"],
  [["plan", "rebalence"], "UNKNOWN_COMMAND", "rebalance"],
  [["plan", "scale", "web", "3"], "NOT_YET", "fleet help"],
])("%j is refused with %s and a hint", async (words, code, hint) => {
  const etcd = await cluster();
  const { view } = await run(fakeContext(etcd), ...words);
  expect([view.exitCode, codeOf(view)]).toEqual([2, code]);
  expect(textOf(view)).toContain(hint);
});
