import { keys, put } from "@quarterdeck/etcd";
import { CodedError, replicaName, type Unit, type UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { brokenAgent, codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import {
  because,
  clusterOf,
  entry,
  HASH,
  HELLO,
  M1,
  M2,
  M3,
  machine,
  release,
  ROLLOUT,
  presenceOf,
  rollout,
  service,
  state,
  status,
  unit,
  unitFile,
  WEB,
} from "../testing/seed-cluster.ts";

const TEXT = "[Unit]\nDescription=hello\n[Service]\nExecStart=/bin/true\n";
const replica = (index: number) =>
  unit(replicaName(WEB, index), { origin: { kind: "replica", service: WEB, index, release: 1 } as Unit["origin"] });
const etcd = await clusterOf(
  machine(M1),
  machine(M2, { lost: true }),
  unit(HELLO),
  unitFile(HASH, TEXT),
  status(HELLO, "1", {
    reason: because("LEAST_LOADED", "0 units"),
    refusals: [{ machine: M2, reason: because("MACHINE_NOT_RUNNING", "it is lost") }],
  }),
  entry(M1, HELLO, "1"),
  state(M1, HELLO),
  unit("web@.service" as UnitName, { target: "inactive" }),
  service({ release: 1, rollout: ROLLOUT }),
  release(1, "1.0.0"),
  rollout(),
  replica(1),
  state(M1, replicaName(WEB, 1)),
  state(M2, replicaName(WEB, 1)),
);
await etcd.raw.put("/hello", "world", AbortSignal.timeout(5000));
const context = fakeContext(etcd);

test.each([
  ["list-machines", ["machine", "hostname", "ip", "metadata", "state", "version"]],
  ["list-units", ["unit", "machine", "ip", "active", "sub", "load", "hash", "health"]],
  ["list-unit-files", ["unit", "hash", "desiredState", "state", "target", "global", "reason"]],
  ["services", ["service", "release", "version", "image", "desired", "running", "healthy", "rollout"]],
  ["releases web", ["service", "release", "version", "image", "hash", "by", "at", "why", "current"]],
  [
    "rollouts",
    [
      "rollout",
      "service",
      "release",
      "version",
      "previous",
      "state",
      "updated",
      "total",
      "by",
      "startedAt",
      "endedAt",
      "reason",
    ],
  ],
  [
    "status hello.service",
    [
      "unit",
      "machine",
      "hostname",
      "ip",
      "desiredState",
      "load",
      "active",
      "sub",
      "result",
      "health",
      "healthDetail",
      "restarts",
      "since",
      "release",
      "outdated",
      "problem",
      "journal",
    ],
  ],
  ["etcd members", ["name", "id", "endpoint", "healthy", "leader", "version", "databaseBytes", "alarms"]],
  ["etcd ls /hello", ["key", "directory"]],
])("the elements of %s have exactly their keys", async (line, keys) => {
  const { view } = await run(context, ...line.split(" "), "-o", "json");
  expect(view.exitCode).toBe(0);
  expect(view.json).not.toEqual([]);
  for (const row of view.json as Record<string, unknown>[])
    expect(Object.keys(row).toSorted()).toEqual(keys.toSorted());
});

test.each([
  ["status", ["revision", "ageSeconds", "health", "etcd", "engine", "machines", "units", "rollouts", "problems"]],
  [
    "rollout web",
    [
      "rollout",
      "service",
      "release",
      "version",
      "previous",
      "state",
      "updated",
      "total",
      "by",
      "startedAt",
      "endedAt",
      "reason",
      "steps",
    ],
  ],
  ["why hello.service", ["unit", "desiredState", "phase", "machine", "reason", "outdated", "refusals", "copies"]],
  ["cat hello.service", ["unit", "hash", "text"]],
  ["journal hello.service", ["unit", "machine", "lines"]],
  ["etcd get /hello", ["key", "value", "encoding", "modRevision"]],
  ["version", ["version"]],
])("the document of %s has exactly its keys", async (line, keys) => {
  const { view } = await run(context, ...line.split(" "), "-o", "json");
  expect(view.exitCode).toBe(0);
  expect(Object.keys(view.json as object).toSorted()).toEqual(keys.toSorted());
});

test("documents survive JSON: no bigint, no undefined", async () => {
  for (const line of ["status", "list-units", "etcd get /hello", "etcd members", "why web@1.service"]) {
    const { view } = await run(context, ...line.split(" "));
    expect(JSON.parse(JSON.stringify(view.json))).toEqual(view.json);
  }
});

test.each([
  ["list-machines", ["MACHINE", "IP", "METADATA"], ["abc11111...", "10.78.0.11", "role=worker"]],
  [
    "list-units",
    ["UNIT", "MACHINE", "ACTIVE", "SUB"],
    ["hello.service", "abc11111.../10.78.0.11", "active", "running"],
  ],
  [
    "list-unit-files",
    ["UNIT", "HASH", "DSTATE", "STATE", "TARGET"],
    ["hello.service", "aaaaaaaa...", "launched", "inactive", "abc11111.../10.78.0.11"],
  ],
])("%s has fleetctl's columns and shortens as fleetctl does", async (verb, labels, cells) => {
  const [table] = (await run(context, verb)).view.blocks;
  if (table?.kind !== "table") throw new Error("no table");
  expect(table.columns.map((column) => column.label)).toEqual(labels);
  expect(Object.values(table.rows[0] ?? {})).toEqual(cells);
});

test("--full shortens nothing, --fields chooses, --no-legend leaves the header out", async () => {
  const [table] = (await run(context, "list-machines", "--full", "--fields", "machine,state", "--no-legend")).view
    .blocks;
  expect(table).toMatchObject({
    kind: "table",
    legend: false,
    columns: [{ key: "machine" }, { key: "state" }],
    rows: [
      { machine: M1, state: "running" },
      { machine: M2, state: "lost" },
    ],
  });
});

test("a field that there is not is refused with the nearest", async () => {
  expect((await run(context, "list-machines", "--fields", "metdata")).view).toMatchObject({
    exitCode: 2,
    json: { error: { code: "USAGE", try: "--fields metadata" } },
  });
});

test("status of a unit is systemctl's own, of its machine; of one on a lost machine that it is lost", async () => {
  expect((await run(context, "status", "hello.service", "-n", "7")).view.blocks).toContainEqual({
    kind: "code",
    language: "text",
    text: "● hello.service - as 10.78.0.11 shows it\n     Active: active (running)\n\nhello.service says hello, 7 lines at most",
  });
  const { view } = await run(context, "status", "web");
  expect(
    (view.json as { active: string; journal: unknown }[]).map((row) => [row.active, row.journal === null]),
  ).toEqual([
    ["active", false],
    ["lost", true],
  ]);
});

test("fleet #1691: status and why of an outdated instance say so, and what makes it new", async () => {
  const [template, old] = ["web@.service", "web@1.service"] as UnitName[] as [UnitName, UnitName];
  const other = "b".repeat(64) as typeof HASH;
  const there = await clusterOf(
    machine(M1),
    unit(template, { target: "inactive" }),
    unit(old, { hash: other }),
    state(M1, old, { hash: other }),
  );
  const value = "web@.service has another text now; fleet start --replace web@1.service";
  const said = async (verb: string) => JSON.stringify((await run(fakeContext(there), verb, old)).view.blocks);
  expect(await said("status")).toContain(JSON.stringify({ label: "Outdated", value }));
  expect(await said("why")).toContain(JSON.stringify({ label: "outdated", value }));
  expect((await run(fakeContext(there), "list-unit-files")).view.json).toMatchObject([
    { unit: template },
    { unit: old, outdated: true },
  ]);
});

test("why names each machine that refused", async () => {
  const { view } = await run(context, "why", "hello.service");
  expect(view.json).toMatchObject({
    phase: "placed",
    refusals: [{ machine: M2, hostname: "m2", reason: "MACHINE_NOT_RUNNING: it is lost" }],
    copies: [{ hostname: "m1", target: "launched" }],
  });
  expect(view.blocks.flatMap((block) => (block.kind === "heading" ? [block.text] : []))).toEqual([
    "hello.service: should be launched",
    "Machines that refused it",
    "Copies of it",
  ]);
  // What the headings say is not said again below the tables.
  expect(view.blocks.filter((block) => block.kind === "table")).toMatchObject([
    { rows: [{ machine: "m2" }], caption: "" },
    { rows: [{ machine: "m1", reason: "as above" }], caption: "" },
  ]);
});

test("why lists machines as people count them, not by id", async () => {
  const refusals = [M3, M1].map((one) => ({ machine: one, reason: because("MACHINE_CORDONED") }));
  const names: ReadonlyMap<string, string> = new Map([
    [M1, "m10"],
    [M3, "m9"],
  ]);
  const cordoned = [M1, M3].map((id) => put(keys.presence(id), { ...presenceOf(id), hostname: names.get(id) ?? "" }));
  const there = await clusterOf(
    cordoned,
    unit(HELLO),
    status(HELLO, "1", { phase: "unplaced", machine: null, refusals }),
  );
  expect((await run(fakeContext(there), "why", "hello.service")).view.json).toMatchObject({
    refusals: [{ hostname: "m9" }, { hostname: "m10" }],
  });
});

test("the journal is read where the unit is alive, and followed line by line", async () => {
  const followed = await run(context, "logs", "-f", "web");
  expect(followed.lines).toEqual(["web@1.service says hello on 10.78.0.11"]);
  expect((await run(context, "journal", "web", "--machine", "m2")).view).toMatchObject({
    exitCode: 7,
    json: { error: { code: "MACHINE_UNREACHABLE" } },
  });
});

test("where the agent cannot be asked, status shows what it reported last, and why no more", async () => {
  const gone = new CodedError("MACHINE_UNREACHABLE", { message: "the agent at 10.78.0.11:7443 does not answer" });
  const { view } = await run(fakeContext(etcd, { agent: brokenAgent(gone) }), "status", "hello.service");
  expect(textOf(view)).toContain('"label":"Active","value":"active (running)');
  expect(textOf(view)).toContain("does not answer");
  expect(view.exitCode).toBe(0);
});

test("what is asked of the journal reaches the agent: lines, time, pattern and format", async () => {
  const asked: unknown[] = [];
  const agent = {
    ...context.agent,
    async *journal(_: unknown, query: unknown) {
      asked.push(query);
      yield "a line";
    },
  };
  const listening = fakeContext(etcd, { agent });
  const hello = { unit: HELLO, follow: false, grep: undefined, format: undefined };
  await run(listening, "journal", "hello.service");
  await run(listening, "journal", "hello.service", "--since", "2h");
  await run(
    listening,
    "journal",
    "hello.service",
    "--since",
    "2026-11-24",
    "-n",
    "5",
    "--grep",
    "-e x;y",
    "--format",
    "cat",
  );
  expect(asked).toEqual([
    { ...hello, lines: 10, sinceSeconds: undefined },
    { ...hello, lines: 10_000, sinceSeconds: Math.floor(Date.UTC(2026, 10, 24) / 1000) - 7200 },
    { ...hello, lines: 5, sinceSeconds: Date.UTC(2026, 10, 24) / 1000, grep: "-e x;y", format: "cat" },
  ]);
});

test("cat of a service is its template", async () => {
  expect((await run(context, "cat", "web")).view.json).toMatchObject({ unit: "web@.service", text: TEXT });
});

test.each([
  [["cat", "hello"], 3, "NOT_FOUND"],
  [["journal", "none.service"], 3, "NOT_FOUND"],
  [["journal", "hello.service", "--lines", "99999"], 2, "USAGE"],
  [["journal", "hello.service", "--since", "lunch"], 2, "USAGE"],
  [["journal", "hello.service", "--format", "export"], 2, "USAGE"],
  [["journal", "hello.service", "--grep", ""], 2, "USAGE"],
  [["status", "hello.service", "--lines", "1001"], 2, "USAGE"],
  [["journal", "hello.service", "--machine", "m9"], 3, "NOT_FOUND"],
  [["rollout", "web-9-00000000"], 3, "NOT_FOUND"],
  [["releases", "wob"], 3, "NOT_FOUND"],
  [["etcd", "get", "/none"], 3, "NOT_FOUND"],
  [["etcd", "get", "none"], 2, "USAGE"],
  [["etcd", "ls", "none"], 2, "USAGE"],
  [["etcd", "ls", "/none"], 3, "NOT_FOUND"],
  [["etcd", "set", "/none", "-"], 2, "USAGE"],
  [["etcd", "set", "/quarterdeck/units/x", "y"], 4, "FORBIDDEN"],
  [["nonsense"], 2, "UNKNOWN_COMMAND"],
  [["help", "nonsense"], 2, "UNKNOWN_COMMAND"],
  [["help", "lock"], 2, "NOT_YET"],
])("%j ends with %i %s, the error document and nothing else", async (words, exitCode, code) => {
  const { view } = await run(context, ...words);
  expect(view.exitCode).toBe(exitCode);
  expect(codeOf(view)).toBe(code);
  expect(Object.keys(view.json as object)).toEqual(["error"]);
  expect(Object.keys((view.json as { error: object }).error).toSorted()).toEqual([
    "code",
    "correlationId",
    "message",
    "try",
    "why",
  ]);
});

test.each(["ETCD_UNREACHABLE", "ETCD_TIMEOUT"] as const)(
  "%s means that the cluster does not answer, and where it was looked for",
  async (code) => {
    const mute = etcd.connect();
    mute.failNext(code);
    const { view } = await run(
      fakeContext(mute, { cluster: { name: "local", endpoints: ["https://10.78.0.11:2379"], hint: "npm start" } }),
      "list-units",
    );
    expect(view).toMatchObject({
      exitCode: 7,
      json: {
        error: { code: "UNREACHABLE", why: expect.stringContaining("https://10.78.0.11:2379"), try: "npm start" },
      },
    });
  },
);

test("a thing that broke is told as an internal error, not thrown", async () => {
  const broken = fakeContext(etcd, { agent: brokenAgent(new TypeError("x is not a function")) });
  expect(codeOf((await run(broken, "journal", "hello.service")).view)).toBe("INTERNAL");
  const refusing = fakeContext(etcd, { agent: brokenAgent(new CodedError("FORBIDDEN", { message: "not for you" })) });
  expect((await run(refusing, "journal", "hello.service")).view.exitCode).toBe(4);
});

test("in Slack a JSON document is one code block, and following a journal is refused", async () => {
  const slack = fakeContext(etcd, { surface: "slack" });
  const { view } = await run(slack, "list-machines", "-o", "json");
  expect(view.blocks).toEqual([{ kind: "code", language: "json", text: JSON.stringify(view.json, null, 2) }]);
  expect(codeOf((await run(slack, "logs", "-f", "hello.service")).view)).toBe("USAGE");
});
