import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "./testing/fake-context.ts";
import { clusterOf, M1, machine } from "./testing/seed-cluster.ts";

const slack = async (...words: readonly string[]) =>
  (await run(fakeContext(await clusterOf(machine(M1)), { surface: "slack" }), ...words)).view;

test("a bare /fleet is short: how the cluster is, and the verbs that are typed most", async () => {
  const view = await slack();
  expect(view.exitCode).toBe(0);
  expect(view.blocks).toHaveLength(3);
  expect(view.blocks[0]).toMatchObject({ kind: "note", text: expect.stringContaining("1 of 1 machines") });
  expect(textOf(view)).toContain("/fleet deploy SERVICE VERSION");
  expect(textOf(view)).not.toContain("rollback");
});

test("a bare /fleet says what to type when the cluster does not answer, too", async () => {
  const etcd = await clusterOf(machine(M1));
  const silent = fakeContext(
    { ...etcd, snapshot: () => Promise.reject(new Error("nobody there")) },
    { surface: "slack" },
  );
  expect(textOf((await run(silent)).view)).toContain("/fleet status");
});

test.each([
  [["depoly", "web", "1.0.0"], "UNKNOWN_COMMAND", "/fleet deploy web 1.0.0"],
  [["deploy", "web", "1.0.0"], "NOT_FOUND", "/fleet services"],
  [
    ["start", "x.service"],
    "NOT_FOUND",
    "/fleet submit x.service, then the unit file between two lines of ```; or see /fleet list-unit-files",
  ],
  [["etcd", "set", "/a", "b"], "USAGE", "in a terminal: fleet etcd set"],
])("in Slack the hint of %j begins with the slash", async (words, code, hint) => {
  const view = await slack(...words);
  expect(codeOf(view)).toBe(code);
  expect(view.json).toMatchObject({ error: { try: hint } });
  expect(textOf(view)).toContain(hint);
});
