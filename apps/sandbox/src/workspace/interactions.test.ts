import { describe, expect, test } from "vitest";
import type { Json } from "./json.ts";
import { createWorkspace } from "./workspace.ts";

const facts = (payload: Json): Json => ({ event_type: "fleet_answer", event_payload: payload });

function begin() {
  const workspace = createWorkspace(() => 0);
  const open = (id: string) =>
    workspace.interactions.open({ id, kind: "command", user: "U0DEV", channel: "C0OPS", text: "/fleet" });
  const post = (metadata?: Json) => workspace.messages.post({ channel: "C0OPS", text: "x", metadata });
  return { ...workspace, open, post };
}

describe("a command is done", () => {
  test("when any answer without facts has come", () => {
    const { interactions, open, post } = begin();
    const command = open("cmd1");
    expect(interactions.answer(command).done).toBe(false);
    interactions.attach(command, post());
    expect(interactions.answer(command)).toMatchObject({ done: true, exitCode: null });
  });

  test("when the last word is final, by an edit too, and not before", async () => {
    const { interactions, messages, open, post } = begin();
    const command = open("cmd1");
    const accepted = post(facts({ request: "r1", final: false }));
    interactions.attach(command, accepted);
    expect(interactions.answer(command).done).toBe(false);
    const waiting = interactions.wait(command, 60_000, new AbortController().signal);
    messages.edit(accepted, { text: "done", metadata: facts({ request: "r1", final: true, exitCode: 5 }) });
    expect(await waiting).toMatchObject({ done: true, exitCode: 5, responses: [{ text: "done", edits: 1 }] });
  });

  test("when it could not be delivered at all; after a timeout an answer may still come", () => {
    const { interactions, open } = begin();
    const [lost, late] = [open("cmd1"), open("cmd2")];
    interactions.settle(lost, { ackMs: 1, ack: null, error: "dispatch_failed" });
    interactions.settle(late, { ackMs: 3_000, ack: null, error: "operation_timeout" });
    expect(interactions.answer(lost).done).toBe(true);
    expect(interactions.answer(late).done).toBe(false);
  });
});

describe("a message of the bot answers", () => {
  test("the command whose request it names, else the oldest in its channel that has named none", () => {
    const { interactions, open, post } = begin();
    const [first, second] = [open("cmd1"), open("cmd2")];
    interactions.attach(second, post(facts({ request: "r2", final: false })));
    expect(interactions.guess(post(facts({ request: "r2", final: true })))).toBe(second);
    expect(interactions.guess(post(facts({ request: "r1", final: true })))).toBe(first);
    interactions.attach(first, post());
    expect(interactions.guess(post(facts({ request: "r3", final: false })))).toBeUndefined();
  });

  test("nobody when its metadata speaks of something else", () => {
    const { interactions, open, post } = begin();
    const command = open("cmd1");
    expect(interactions.guess(post({ event_type: "machine_lost", event_payload: { machine: "m2" } }))).toBeUndefined();
    expect(interactions.guess(post())).toBe(command);
  });
});
