import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepMessages } from "./keep-messages.ts";
import { createWorkspace, type Workspace } from "./workspace.ts";

let directory: string;
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), "quarterdeck-state-"))));
afterEach(() => rm(directory, { recursive: true }));

async function life(): Promise<{ readonly workspace: Workspace; readonly end: () => void }> {
  const workspace = createWorkspace(Date.now);
  const stop = new AbortController();
  await keepMessages(join(directory, "slack"), workspace, stop.signal);
  return { workspace, end: () => stop.abort() };
}

test("public messages outlive the sandbox as they were last, private and deleted ones do not", async () => {
  const { workspace, end } = await life();
  const { messages } = workspace;
  messages.edit(messages.post({ channel: "C0OPS", text: "a" }), { text: "b" });
  messages.remove(messages.post({ channel: "C0OPS", text: "gone" }));
  messages.post({ channel: "C0OPS", text: "private", ephemeralFor: "U0DEV" });
  end();
  await appendFile(join(directory, "slack", "messages.jsonl"), '{"message":{"type":"mess');
  const second = await life();
  expect(second.workspace.messages.list("C0OPS", "U0DEV")).toMatchObject([{ text: "b", edits: 1 }]);
  second.end();
});
