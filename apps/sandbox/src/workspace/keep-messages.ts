import { appendFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Message } from "./message.ts";
import type { Workspace } from "./workspace.ts";

const FILE = "messages.jsonl";

/** Only what the sandbox itself wrote is read back; the schema says what it relies on. */
const lineSchema = z.union([
  z.object({
    message: z.looseObject({
      type: z.literal("message"),
      channel: z.string(),
      ts: z.string(),
      user: z.string(),
      text: z.string(),
      edits: z.number(),
    }),
  }),
  z.object({ deleted: z.object({ channel: z.string(), ts: z.string() }) }),
]);

/**
 * Keeps public messages in `directory`, a JSON line a change, until `signal` fires; first takes back those of an earlier
 * life. Ephemeral ones are not kept: in Slack they do not survive a reload either. A line cut by a power loss is left out.
 */
export async function keepMessages(
  directory: string,
  { bus, messages }: Workspace,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, FILE);
  const kept = replay(await readIfThere(file));
  for (const message of kept) messages.restore(message);
  await writeFile(file, kept.map((message) => `${JSON.stringify({ message })}\n`).join(""));
  const subscription = bus.subscribe((event) => {
    // Written at once: a killed sandbox must not forget what people have read.
    if (event.type === "message" && event.message.ephemeralFor === undefined)
      appendFileSync(file, `${JSON.stringify({ message: event.message })}\n`);
    if (event.type === "deleted")
      appendFileSync(file, `${JSON.stringify({ deleted: { channel: event.channel, ts: event.ts } })}\n`);
  });
  signal.addEventListener("abort", () => subscription[Symbol.dispose](), { once: true });
}

function replay(text: string): readonly Message[] {
  const kept = new Map<string, Message>();
  for (const line of text.split("\n").map(parseLine)) {
    if (line === undefined) continue;
    if ("deleted" in line) kept.delete(`${line.deleted.channel}/${line.deleted.ts}`);
    else kept.set(`${line.message.channel}/${line.message.ts}`, line.message as Message);
  }
  return [...kept.values()];
}

function parseLine(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
