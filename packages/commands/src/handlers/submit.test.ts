import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { clusterOf, HELLO, M1, machine, service, unit } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();
const TEXT = "[Service]\nExecStart=/bin/true\n";
const files = (held: Readonly<Record<string, string>>) => ({
  readUnitFile: async (path: string) => held[path] ?? null,
});

test("files are sent under their last name, as they are", async () => {
  const etcd = await clusterOf(machine(M1));
  const asked = fakeEngine(etcd, async () => ({ changed: ["hello.service"] }), signal);
  const { view } = await run(
    fakeContext(etcd, files({ "examples/hello.service": TEXT })),
    "submit",
    "examples/hello.service",
    "--replace",
  );
  expect(view).toMatchObject({
    exitCode: 0,
    json: { request: "request-1", state: "done", changed: ["hello.service"], reason: "REQUESTED" },
  });
  expect(asked[0]?.action).toEqual({ verb: "submit", files: [{ name: "hello.service", text: TEXT }], replace: true });
});

test("in Slack the block is the text of the name", async () => {
  const etcd = await clusterOf(machine(M1));
  const asked = fakeEngine(etcd, async () => ({ changed: ["hello.service"] }), signal);
  const { view } = await run(fakeContext(etcd, { surface: "slack", textBlock: TEXT }), "submit", "hello.service");
  expect(view.exitCode).toBe(0);
  expect(asked[0]?.action).toMatchObject({ files: [{ name: "hello.service", text: TEXT }] });
});

test("start takes a file of that name along, and a template's for its instance", async () => {
  const etcd = await clusterOf(machine(M1));
  const asked = fakeEngine(etcd, async () => ({ code: "FORBIDDEN", message: "enough" }), signal);
  await run(
    fakeContext(etcd, files({ "./hello.service": TEXT, "job@.service": TEXT })),
    "start",
    "./hello.service",
    "job@1.service",
  );
  expect(asked[0]?.action).toEqual({
    verb: "start",
    units: ["hello.service", "job@1.service"],
    files: [
      { name: "hello.service", text: TEXT },
      { name: "job@.service", text: TEXT },
    ],
    replace: false,
  });
});

test("of a service's template it is told that it is deployed", async () => {
  const etcd = await clusterOf(machine(M1), service(), unit("web@.service" as UnitName));
  const { view } = await run(fakeContext(etcd), "start", "web@.service");
  expect(view.json).toMatchObject({ error: { code: "USAGE", try: "fleet deploy web VERSION" } });
});

test.each([
  ["a file that is not there", ["submit", "hello.service"], {}, "NOT_FOUND"],
  ["a path that is not there", ["start", "./hello.service"], {}, "NOT_FOUND"],
  ["a template that is to start", ["start", "job@.service"], files({ "job@.service": TEXT }), "USAGE"],
  ["a template that is to be loaded", ["load", "job@.service"], files({ "job@.service": TEXT }), "USAGE"],
  ["a file that is no unit file", ["submit", "hello.service"], files({ "hello.service": "rm -rf /" }), "INVALID_UNIT"],
  [
    "a file that systemd would not start",
    ["start", "hello.service"],
    files({ "hello.service": "[Service]\nExecStart=bin/true\n" }),
    "INVALID_UNIT",
  ],
  ["a file that has no unit's name", ["submit", "hello.txt"], files({ "hello.txt": TEXT }), "INVALID_NAME"],
  ["Slack without a block", ["submit", "hello.service"], { surface: "slack" as const, textBlock: null }, "NOT_FOUND"],
  [
    "Slack with a block for two names",
    ["submit", "a.service", "b.service"],
    { surface: "slack" as const, textBlock: TEXT },
    "USAGE",
  ],
  [
    "Slack with a name that is a path",
    ["submit", "../a.service"],
    { surface: "slack" as const, textBlock: TEXT },
    "INVALID_NAME",
  ],
])("%s is refused and changes nothing", async (_, words, more, code) => {
  const etcd = await clusterOf(machine(M1), unit(HELLO));
  const { view } = await run(fakeContext(etcd, more), ...words);
  expect(codeOf(view)).toBe(code);
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
});
