import type { EtcdClient } from "@quarterdeck/etcd";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { SshTarget } from "../command-context.ts";
import { codeOf, fakeContext, run, textOf, type Ran } from "../testing/fake-context.ts";
import { placed, submitted } from "../testing/hello-story.ts";
import { clusterOf, entry, M1, M2, machine, state, unit } from "../testing/seed-cluster.ts";

/** What ssh was asked for; it ends with 3. */
async function open(
  etcd: EtcdClient,
  ...words: readonly string[]
): Promise<Ran & { readonly asked: readonly SshTarget[] }> {
  const asked: SshTarget[] = [];
  const context = fakeContext(etcd, { openSsh: async (target) => (asked.push(target), 3) });
  return { ...(await run(context, "ssh", ...words)), asked };
}

async function helloOnM1(): Promise<EtcdClient> {
  const etcd = await submitted();
  await placed(etcd);
  return etcd;
}

test("a machine is opened as core, and what ssh ends with is what the command ends with", async () => {
  const { view, asked } = await open(await helloOnM1(), M2.slice(0, 4));
  expect(view).toMatchObject({ exitCode: 3, blocks: [] });
  expect(asked).toMatchObject([{ machine: M2, user: "core", port: 22, forwardAgent: false, command: [] }]);
});

test("a unit's name opens the machine that has it; what follows -- is the command, flags and all", async () => {
  const { asked } = await open(await helloOnM1(), "hello.service", "-A", "--port", "2222", "--", "ls", "-l", "/tmp");
  expect(asked).toMatchObject([{ machine: M1, port: 2222, forwardAgent: true, command: ["ls", "-l", "/tmp"] }]);
});

test("a unit on several machines needs --machine", async () => {
  const name = "all.service" as UnitName;
  const copies = [M1, M2].flatMap((at) => [entry(at, name, "1"), state(at, name, { incarnation: "1" as never })]);
  const etcd = await clusterOf(machine(M1), machine(M2), unit(name), ...copies);
  const refused = await open(etcd, "all.service");
  expect(codeOf(refused.view)).toBe("USAGE");
  expect(textOf(refused.view)).toContain("fleet ssh all.service --machine m1");
  expect((await open(etcd, "all.service", "--machine", "m2")).asked).toMatchObject([{ machine: M2 }]);
});

test.each([
  ["nowhere", "NOT_FOUND", "there is no machine"],
  ["nothing.service", "NOT_FOUND", "there is no unit"],
  ["abc", "NOT_FOUND", "there is no machine"],
])("what is neither a machine nor a unit is refused: %s", async (word, code, text) => {
  const { view, asked } = await open(await helloOnM1(), word);
  expect(codeOf(view)).toBe(code);
  expect(textOf(view)).toContain(text);
  expect(asked).toEqual([]);
});

test.each([
  ["--port", "0"],
  ["--port", "65536"],
  ["--user", "-oProxyCommand=x"],
  ["--user", "a b"],
])("%s %s is refused", async (flag, value) => {
  const { view, asked } = await open(await helloOnM1(), "m1", `${flag}=${value}`);
  expect(view.exitCode).toBe(2);
  expect(asked).toEqual([]);
});

test("Slack has no terminal, and a document cannot be had", async () => {
  const etcd = await helloOnM1();
  expect((await run(fakeContext(etcd, { surface: "slack" }), "ssh", "m1")).view.exitCode).toBe(2);
  expect((await open(etcd, "m1", "-o", "json")).view.exitCode).toBe(2);
});
