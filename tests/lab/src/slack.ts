import { z } from "zod";
import { theLab } from "./lab-handle.ts";

const messageSchema = z.looseObject({
  ts: z.string(),
  text: z.string(),
  edits: z.number().optional(),
  metadata: z
    .looseObject({ event_payload: z.looseObject({ final: z.boolean().optional(), exitCode: z.number().optional() }) })
    .optional(),
});
const acceptedSchema = z.looseObject({ id: z.string(), ackMs: z.number(), error: z.string().optional() });
const answerSchema = z.looseObject({
  done: z.boolean(),
  exitCode: z.number().nullable().optional(),
  responses: z.array(messageSchema),
});

export type Answer = z.infer<typeof answerSchema> & { readonly ackMs: number; readonly text: string };

/** Types `text` into the sandbox as a person would and waits for the answer's end. */
export async function typeInSlack(
  text: string,
  { user = "dev", channel = "ops", waitMs = 60_000 } = {},
): Promise<Answer> {
  const accepted = acceptedSchema.parse(await post("/sandbox/commands", { user, channel, text }));
  if (accepted.error !== undefined) throw new Error(`Slack shows ${accepted.error}`);
  const answer = await awaitAnswer(accepted.id, waitMs);
  return {
    ...answer,
    ackMs: accepted.ackMs,
    text: answer.responses.map((message) => renderedText(message)).join("\n"),
  };
}

/** Sends the command and gives back its id and the time of its acknowledgement. */
export async function sendToSlack(text: string, { user = "dev", channel = "ops" } = {}) {
  return acceptedSchema.parse(await post("/sandbox/commands", { user, channel, text }));
}

export async function awaitAnswer(id: string, waitMs: number): Promise<z.infer<typeof answerSchema>> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const left = Math.max(0, Math.min(20_000, deadline - performance.now()));
    const response = await fetch(theLab.url(`/sandbox/commands/${encodeURIComponent(id)}?waitMs=${Math.round(left)}`));
    const answer = answerSchema.parse(await response.json());
    if (answer.done) return answer;
    if (performance.now() >= deadline)
      throw new Error(`no final answer within ${waitMs} ms: ${JSON.stringify(answer.responses)}`);
  }
}

/** Everything a reader of the message sees: its text and that of its blocks. */
function renderedText(message: z.infer<typeof messageSchema>): string {
  return `${message.text}\n${JSON.stringify(message["blocks"] ?? [])}`;
}

async function post(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(theLab.url(path), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}
