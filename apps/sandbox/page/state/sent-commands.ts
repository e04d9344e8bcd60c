import { signal } from "@preact/signals";
import { read, send } from "./call.ts";

/** A command I typed, and what became of it. `ts` is its place among the messages. */
export type SentCommand = {
  readonly key: number;
  readonly ts: string;
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly state: "sending" | "waiting" | "done" | "failed";
  readonly note: string;
};

type Acknowledgement = { readonly id: string; readonly ackMs: number; readonly error?: string };
type Answer = { readonly done: boolean; readonly exitCode: number | null };

export const sentCommands = signal<readonly SentCommand[]>([]);

/** What was typed, newest last; arrow-up walks back through it. */
export const history = signal<readonly string[]>([]);

/** How long one look at an answer waits, and how many looks a command is worth. */
const WAIT_MS = 30_000;
const LOOKS = 20;

/** Sends what was typed: a command to the bot, anything else to the channel. */
export async function say(user: string, channel: string, text: string): Promise<void> {
  history.value = [...history.value.filter((old) => old !== text), text];
  if (!text.startsWith("/")) return void (await send("/sandbox/messages", { user, channel, text }));
  const key = sentCommands.value.length;
  const ts = (Date.now() / 1000).toFixed(6);
  sentCommands.value = [...sentCommands.value, { key, ts, user, channel, text, state: "sending", note: "" }];
  try {
    const { id, ackMs, error } = await send<Acknowledgement>("/sandbox/commands", { user, channel, text });
    if (error !== undefined) return change(key, { state: "failed", note: explain(error) });
    change(key, { state: "waiting", note: `acknowledged in ${ackMs} ms` });
    await watch(key, id);
  } catch (error) {
    change(key, { state: "failed", note: error instanceof Error ? error.message : String(error) });
  }
}

async function watch(key: number, id: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { done, exitCode } = await read<Answer>(`/sandbox/commands/${id}?waitMs=${WAIT_MS}`);
    if (done)
      return change(key, {
        state: exitCode === null || exitCode === 0 ? "done" : "failed",
        ...(exitCode ? { note: `exit ${exitCode}` } : {}),
      });
  }
}

function change(key: number, change: Partial<SentCommand>): void {
  sentCommands.value = sentCommands.value.map((command) => (command.key === key ? { ...command, ...change } : command));
}

function explain(error: string): string {
  if (error === "operation_timeout") return "operation_timeout: the bot did not answer within 3 s";
  if (error === "dispatch_failed") return "dispatch_failed: no bot is connected yet";
  return error;
}
