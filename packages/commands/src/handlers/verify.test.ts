import { fakeEtcd } from "@quarterdeck/etcd/testing";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";

const held: Readonly<Record<string, string>> = {
  "good.service": "[Service]\nExecStart=/bin/true\n",
  "odd.service": "[Service]\nExecStart=/bin/true\nKillMode=none\n",
  "bad.service": "[Service]\n",
};
const context = (more = {}) =>
  fakeContext(fakeEtcd(), { readUnitFile: async (path: string) => held[path] ?? null, ...more });

test("warnings alone are no failure, an error is one, and every file is spoken of", async () => {
  const fine = await run(context(), "verify", "good.service", "odd.service");
  expect(fine.view.exitCode).toBe(0);
  expect(fine.view.json).toEqual([
    { unit: "good.service", ok: true, findings: [] },
    {
      unit: "odd.service",
      ok: true,
      findings: [expect.objectContaining({ severity: "warning", rule: "kill-mode-none", line: 3, column: 1 })],
    },
  ]);
  expect(textOf(fine.view)).toContain("odd.service:3:1: warning: KillMode=none");
  const refused = await run(context(), "verify", "bad.service");
  expect(refused.view).toMatchObject({ exitCode: 1, json: [{ unit: "bad.service", ok: false }] });
});

test("a file that is not there is not found, and in Slack the block is the file", async () => {
  expect(codeOf((await run(context(), "verify", "none.service")).view)).toBe("NOT_FOUND");
  const slack = { surface: "slack" as const, readUnitFile: undefined };
  expect(codeOf((await run(context(slack), "verify", "a.service")).view)).toBe("USAGE");
  const block = await run(context({ ...slack, textBlock: held["odd.service"] }), "verify", "a.service");
  expect(block.view).toMatchObject({ exitCode: 0, json: [{ unit: "a.service", ok: true }] });
});
