import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CATALOGUE } from "../catalogue/catalogue.ts";
import { parseWords } from "../grammar/parse-words.ts";
import { tokenize } from "../tokenize.ts";
import { describeCommand } from "./describe-command.ts";
import { helpView } from "./help-view.ts";
import { renderReference } from "./render-reference.ts";

test("docs/reference/cli.md is what the catalogue says: pnpm --filter @quarterdeck/commands reference", async () => {
  const path = fileURLToPath(new URL("../../../../docs/reference/cli.md", import.meta.url));
  expect(await readFile(path, "utf8")).toBe(renderReference());
});

test.each(CATALOGUE.flatMap((spec) => spec.examples.map((example) => [example.words, spec.name] as const)))(
  "the example `fleet %s` is what it says: %s",
  async (line, name) => {
    const tokens = tokenize(line);
    expect(tokens.ok).toBe(true);
    if (tokens.ok)
      expect(await parseWords(tokens.value.words, "terminal")).toMatchObject({ ok: true, value: { spec: { name } } });
  },
);

test.each(CATALOGUE.map((spec) => [spec.name, spec] as const))(
  "help %s has its usage, who may, and an example",
  (name, spec) => {
    const view = helpView(CATALOGUE, name.split(" "));
    expect(view).toMatchObject({ ok: true, value: { exitCode: 0, json: { verb: name } } });
    expect(JSON.stringify(view)).toContain(spec.examples[0].words.replaceAll('"', '\\"'));
    expect(JSON.stringify(view)).toContain("Who may: ");
  },
);

test("usage is written as people write it", () => {
  const usage = (name: string) =>
    describeCommand(CATALOGUE.find((spec) => spec.name === name) ?? (undefined as never)).usage;
  expect(usage("deploy")).toBe("fleet deploy [--canary N] [--max-parallel N|N%] [--allow-tag] SERVICE VERSION");
  expect(usage("start")).toBe("fleet start [--replace] UNIT...");
  expect(usage("etcd ls")).toBe("fleet etcd ls [--recursive] [--slash] [PATH]");
  expect(usage("status")).toBe("fleet status [--lines N] [--machine MACHINE] [UNIT...]");
  expect(usage("services")).toBe("fleet services");
});

test.each([["flags"], ["exit-codes"], ["not-yet"], ["etcd"], ["logs"], [""]])("help on %j is there", (topic) => {
  expect(helpView(CATALOGUE, topic === "" ? [] : [topic]).ok).toBe(true);
});

test("help in Slack says what is typed in Slack, and nothing that only a terminal can do", async () => {
  const all = CATALOGUE.filter((spec) => spec.surfaces?.includes("slack") !== false);
  for (const spec of all) {
    const view = helpView(CATALOGUE, spec.path, "slack");
    const text = view.ok ? JSON.stringify(view.value.blocks) : "";
    expect(text).not.toMatch(/"fleet |working directory|\.\/hello|examples\/hello/);
    expect(text).toContain(`"/fleet ${spec.name}`);
  }
  expect(JSON.stringify(helpView(CATALOGUE, [], "slack"))).not.toContain("etcd set");
});

test("the overview names what is not yet there in one line", () => {
  const view = helpView(CATALOGUE, []);
  expect(JSON.stringify(view)).toContain("help not-yet");
  expect(JSON.stringify(view)).not.toContain("unfreeze");
});
