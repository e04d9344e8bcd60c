import { keys, put } from "@quarterdeck/etcd";
import type { RebootGroup, RelocationId, RequestId } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { AT, because, clusterOf, M1, M2, machine } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();
const asker = { askedAt: AT, request: "request-0001" as RequestId };
const GROUP: RebootGroup = {
  v: 1,
  holders: [
    {
      ...asker,
      machine: M1,
      phase: "rebooting",
      since: AT,
      relocation: "drain-0000000000000001" as RelocationId,
      wasCordoned: false,
      well: [],
      steadyAt: null,
      reason: because("REBOOT_OVERDUE", "it may reboot since then, and it is not back"),
    },
  ],
  waiting: [{ ...asker, machine: M2, reason: because("REBOOT_SLOT_HELD", "it is the turn of m1") }],
};
const cluster = () =>
  clusterOf(machine(M1, { lost: true, cordoned: true }), machine(M2), put(keys.rebootGroup("default"), GROUP));

test("reboots says whose turn it is, who waits, since when and why", async () => {
  const { view } = await run(fakeContext(await cluster()), "reboots");
  expect(view.json).toEqual([
    {
      group: "default",
      machine: M1,
      hostname: "m1",
      phase: "rebooting",
      since: AT,
      overdue: true,
      reason: "it may reboot since then, and it is not back",
    },
    {
      group: "default",
      machine: M2,
      hostname: "m2",
      phase: "waiting",
      since: AT,
      overdue: false,
      reason: "it is the turn of m1",
    },
  ]);
  expect(textOf(view)).toContain("rebooting, overdue");
});

test("reboots status is an empty list where nobody reboots", async () => {
  expect((await run(fakeContext(await clusterOf(machine(M1))), "reboots", "status")).view.json).toEqual([]);
});

test("fleet #1232: the status of the cluster has a machine that does not come back from its reboot as a problem", async () => {
  const { view } = await run(fakeContext(await cluster()), "status");
  expect(view.json).toMatchObject({
    problems: expect.arrayContaining([
      {
        code: "REBOOT_OVERDUE",
        message: "m1 (abc11111) in group default: it may reboot since then, and it is not back; try fleet reboots",
      },
    ]),
  });
  const calm: RebootGroup = { ...GROUP, holders: [] };
  const other = await clusterOf(machine(M2), put(keys.rebootGroup("default"), calm));
  expect(JSON.stringify((await run(fakeContext(other), "status")).view)).not.toContain("REBOOT_OVERDUE");
});

test("reboots release sends the machine and the reason", async () => {
  const etcd = await cluster();
  const asked = fakeEngine(etcd, async () => ({ changed: [M1], reason: because("REQUESTED", "taken out") }), signal);
  const { view } = await run(fakeContext(etcd), "reboots", "release", "m1", "--reason", "its disk is dead");
  expect(asked).toMatchObject([{ action: { verb: "reboots", release: M1 }, why: "its disk is dead" }]);
  expect(view).toMatchObject({ exitCode: 0, json: { state: "done", changed: [M1] } });
});

test.each([
  [2, "USAGE", ["reboots", "release"]],
  [2, "USAGE", ["reboots", "release", "m1"]],
  [2, "USAGE", ["reboots", "release", "m1", "--reason", " "]],
  [2, "USAGE", ["reboots", "grant", "m1"]],
  [2, "USAGE", ["reboots", "status", "m1"]],
  [3, "NOT_FOUND", ["reboots", "release", "m9", "--reason", "x"]],
])("exit code %i, %s: %j is refused before anything is asked", async (exitCode, code, words) => {
  const etcd = await cluster();
  const { view } = await run(fakeContext(etcd), ...words);
  expect([view.exitCode, codeOf(view)]).toEqual([exitCode, code]);
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
});
