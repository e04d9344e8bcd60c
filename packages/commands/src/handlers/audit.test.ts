import { appendAudit, AUDIT_TAIL, readAuditExport, verifyAuditLog, type AuditFacts } from "@quarterdeck/etcd";
import { createAuditAuthority, fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import type { Actor, Principal, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { because } from "../testing/seed-cluster.ts";

const signal = AbortSignal.timeout(60_000);
const authority = await createAuditAuthority(new Date(Date.UTC(2026, 10, 1)));
const signer = await authority.signer();
const anna: Actor = { principal: "operator:anna" as Principal, slack: null };
const dev: Actor = {
  principal: "bot" as Principal,
  slack: { userId: "U7", userName: "dev", groups: [], channel: "ops" },
};

/** An act `hours` before the context's clock, which begins with 2026-11-24. */
function act(hours: number, more: Partial<AuditFacts> = {}): AuditFacts {
  const at = new Date(Date.UTC(2026, 10, 24) - hours * 3_600_000).toISOString() as Timestamp;
  return { at, actor: null, request: null, act: "machine-lost", subjects: ["m1"], outcome: "applied", ...more };
}

async function clusterOf(...acts: readonly AuditFacts[]): Promise<FakeEtcd> {
  const etcd = fakeEtcd();
  for (const facts of acts)
    await etcd.transact(appendAudit(await etcd.snapshot(AUDIT_TAIL, signal), facts, signer), signal);
  return etcd;
}

const etcd = await clusterOf(
  act(30),
  act(20, { actor: anna, act: "start", subjects: ["a.service", "b.service"], why: "fixes login" }),
  act(10, { actor: dev, act: "deploy", subjects: ["web 1.0.0"], outcome: `refused: ${"long ".repeat(30)}` }),
);
const contextOf = (over: FakeEtcd, surface: "terminal" | "slack" = "terminal") =>
  fakeContext(over, { surface, clusterCa: async () => authority.ca });
const context = contextOf(etcd);

async function actsOf(...words: readonly string[]): Promise<readonly unknown[]> {
  const { view } = await run(context, "audit", ...words, "-o", "json");
  expect(view.exitCode).toBe(0);
  return (view.json as readonly { readonly act: string }[]).map((row) => row.act);
}

test("an element has all that is known of an act, and null for what is not", async () => {
  const { view } = await run(context, "audit", "-o", "json");
  expect((view.json as readonly unknown[])[1]).toEqual({
    sequence: 2,
    at: "2026-11-23T04:00:00.000Z",
    actor: "operator:anna",
    principal: "operator:anna",
    request: null,
    act: "start",
    subjects: ["a.service", "b.service"],
    outcome: "applied",
    why: "fixes login",
  });
  expect((view.json as readonly unknown[])[0]).toMatchObject({ actor: "engine", principal: "engine", why: null });
});

test("the table says when, who, what, on what and how it ended; what is long is cut unless --full", async () => {
  const [table] = (await run(context, "audit")).view.blocks;
  if (table?.kind !== "table") throw new Error("no table");
  expect(table.columns.map(({ label }) => label)).toEqual(["TIME", "ACTOR", "ACT", "SUBJECTS", "OUTCOME"]);
  expect(table.caption).toBe("3 entries");
  expect(Object.values(table.rows[1] ?? {})).toEqual([
    "2026-11-23T04:00:00.000Z",
    "operator:anna",
    "start",
    "a.service,b.service",
    "applied",
  ]);
  expect(table.rows[2]?.["outcome"]).toMatch(/^refused: long .*\.\.\.$/);
  expect(textOf((await run(context, "audit", "--full")).view)).toContain("long ".repeat(30));
});

test.each([
  [["--by", "anna"], ["start"]],
  [["--by", "operator:anna"], ["start"]],
  [["--by", "dev"], ["deploy"]],
  [["--by", "@dev"], ["deploy"]],
  [["--by", "U7"], ["deploy"]],
  // The bot spoke for dev, and did nothing of its own.
  [["--by", "bot"], []],
  [["--by", "engine"], ["machine-lost"]],
  [["--since", "15h"], ["deploy"]],
  [
    ["--since", "2026-11-23"],
    ["start", "deploy"],
  ],
  [["--since", "2026-11-23T13:00:00+01:00"], ["deploy"]],
  [["--since", "1d", "--by", "anna"], ["start"]],
])("audit %j shows %j", async (words, acts) => {
  expect(await actsOf(...words)).toEqual(acts);
});

test("an entry that cannot be read is shown as one, whatever is asked for", async () => {
  const damaged = await clusterOf(act(3), act(2));
  damaged.writeText("audit/000000000001", "{");
  const { view } = await run(contextOf(damaged), "audit", "--by", "anna", "-o", "json");
  expect(view.json).toMatchObject([{ sequence: 1, at: null, act: null, outcome: "audit/000000000001 cannot be read" }]);
});

test("--verify says sound, and prints the head that --kept compares later", async () => {
  const growing = await clusterOf(act(3), act(2));
  const { view } = await run(contextOf(growing), "audit", "--verify", "-o", "json");
  const { head } = view.json as { readonly head: string };
  expect(view).toMatchObject({ exitCode: 0, json: { sound: true, entries: 2, first: 1, signedFrom: 1, fault: null } });
  expect(head).toMatch(/^2:[0-9a-f]{64}$/);
  expect(textOf(view)).toContain(head);
  await growing.transact(appendAudit(await growing.snapshot(AUDIT_TAIL, signal), act(1), signer), signal);
  const later = await run(contextOf(growing), "audit", "--kept", head);
  expect([later.view.exitCode, textOf(later.view)]).toEqual([0, expect.stringContaining("head that was kept at 2")]);
  const other = await run(contextOf(await clusterOf(act(9))), "audit", "--verify", "--kept", head, "-o", "json");
  expect(other.view).toMatchObject({ exitCode: 1, json: { sound: false, fault: { code: "kept-head", sequence: 2 } } });
});

test("a log that was touched ends with 1, the fault, its entry and what to do", async () => {
  const damaged = await clusterOf(act(3), act(2), act(1));
  damaged.writeText(
    "audit/000000000002",
    JSON.stringify({ ...(damaged.dump()["audit/000000000002"] as object), act: "x" }),
  );
  const { view } = await run(contextOf(damaged), "audit", "--verify");
  expect([view.exitCode, codeOf(view)]).toEqual([1, "AUDIT_UNSOUND"]);
  expect(view.json).toMatchObject({
    fault: { code: "changed", sequence: 2 },
    error: { why: "changed, at entry 2", try: expect.stringContaining("docs/audit.md") },
  });
  damaged.writeText("audit/000000000002", '{"v":2}');
  expect(codeOf((await run(contextOf(damaged), "audit", "--verify")).view)).toBe("ETCD_NEWER_VALUE");
});

test("entries that nobody signed are told of, although the log is sound", async () => {
  const taken = await clusterOf(act(3));
  const hash = (taken.dump()["audit/chain/head"] as { readonly hash: string }).hash;
  await taken.transact({ when: [], then: [{ kind: "delete", path: "audit/chain/head" }] }, signal);
  taken.writeText("engine/audit-head", JSON.stringify({ v: 1, sequence: 1, hash }));
  await taken.transact(appendAudit(await taken.snapshot(AUDIT_TAIL, signal), act(1), signer), signal);
  const { view } = await run(contextOf(taken), "audit", "--verify");
  expect(view.exitCode).toBe(0);
  expect(view.blocks).toContainEqual({
    kind: "note",
    tone: "warning",
    text: expect.stringContaining("entries before 2 are of engines that did not sign"),
  });
});

test("--export is the whole log as lines that are sound by themselves, and nothing else", async () => {
  const { lines, view } = await run(context, "audit", "--export");
  expect([view.exitCode, view.blocks]).toEqual([0, []]);
  const log = await readAuditExport(lines);
  expect(await verifyAuditLog(log, { ca: authority.ca }, signal)).toMatchObject({ ok: true, entries: 3 });
});

test("Slack shows the newest, says of how many, verifies, and exports nothing", async () => {
  const many = await clusterOf(
    ...Array.from({ length: 25 }, (_, index) => act(25 - index, { subjects: [`m${index}`] })),
  );
  const slack = contextOf(many, "slack");
  const [table] = (await run(slack, "audit")).view.blocks;
  if (table?.kind !== "table") throw new Error("no table");
  expect(table.rows.map((row) => row["subjects"])).toEqual(Array.from({ length: 20 }, (_, index) => `m${index + 5}`));
  expect(table.caption).toContain("20 of 25 entries");
  expect((await run(slack, "audit", "--verify")).view.exitCode).toBe(0);
  expect((await run(slack, "audit", "--export")).view).toMatchObject({
    exitCode: 2,
    json: { error: { code: "USAGE", try: "in a terminal: fleet audit --export" } },
  });
});

test("--exported asks the engine for it, once the log is known to be the one that was exported", async () => {
  const growing = await clusterOf(act(3), act(2));
  const { view } = await run(contextOf(growing), "audit", "--verify", "-o", "json");
  const { head } = view.json as { readonly head: string };
  const asked = fakeEngine(
    growing,
    async () => ({ changed: ["audit"], reason: because("REQUESTED", "so it is") }),
    signal,
  );
  const said = await run(contextOf(growing), "audit", "--exported", head, "-o", "json");
  expect(said.view).toMatchObject({ exitCode: 0, json: { state: "done", changed: ["audit"] } });
  const [sequence, hash] = head.split(":");
  expect(asked).toMatchObject([{ action: { verb: "audit", exported: { sequence: Number(sequence), hash } } }]);
  const other = await run(contextOf(growing), "audit", "--exported", `1:${"a".repeat(64)}`);
  expect([other.view.exitCode, codeOf(other.view)]).toEqual([1, "AUDIT_UNSOUND"]);
  expect(asked).toHaveLength(1);
});

test("Slack tells the engine of no export", async () => {
  const { view } = await run(contextOf(etcd, "slack"), "audit", "--exported", `1:${"a".repeat(64)}`);
  expect(view).toMatchObject({ exitCode: 2, json: { error: { code: "USAGE" } } });
});

test.each([
  [["--since", "yesterday"]],
  [["--exported", "57"]],
  [["--exported", `1:${"a".repeat(64)}`, "--export"]],
  [["--exported", `1:${"a".repeat(64)}`, "--verify"]],
  [["--exported", `1:${"a".repeat(64)}`, "--kept", `1:${"a".repeat(64)}`]],
  [["--exported", `1:${"a".repeat(64)}`, "--by", "anna"]],
  [["--since", "2026-13-01"]],
  [["--kept", "57"]],
  [["--kept", `0:${"a".repeat(64)}`]],
  [["--verify", "--by", "anna"]],
  [["--kept", `1:${"a".repeat(64)}`, "--since", "2h"]],
  [["--export", "--since", "2h"]],
  [["--export", "--verify"]],
  [["--export", "-o", "json"]],
])("audit %j is refused, with what to type instead", async (words) => {
  const { view } = await run(context, "audit", ...words);
  expect(view).toMatchObject({
    exitCode: 2,
    json: { error: { code: "USAGE", try: expect.stringMatching(/^fleet /) } },
  });
});
