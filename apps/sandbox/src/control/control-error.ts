import type { Context } from "hono";
import type { z } from "zod";

/** A refusal of the control API: the status, a code of the project's table, and what is wrong. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly status: 400 | 404 | 409 | 502;
  readonly code: "INVALID_JSON" | "USAGE" | "UNKNOWN_COMMAND" | "NOT_FOUND" | "CONFLICT" | "LAB_NOT_RUNNING";

  /** What to send instead. */
  readonly wayOut: string;

  constructor(
    status: ControlError["status"],
    code: ControlError["code"],
    message: string,
    { wayOut, ...options }: ErrorOptions & { readonly wayOut?: string | undefined } = {},
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.wayOut = wayOut ?? WAYS_OUT[code];
  }
}

/** What to send instead, by code, where the error does not say it itself. */
const WAYS_OUT: Readonly<Record<ControlError["code"], string>> = {
  INVALID_JSON: 'send a JSON object, such as {"user":"dev","channel":"ops","text":"/fleet status"}',
  USAGE: "docs/reference/sandbox.md lists the members of each call",
  UNKNOWN_COMMAND: "send a text that begins with /fleet",
  NOT_FOUND: "GET /sandbox/users and GET /sandbox/channels list what is there",
  CONFLICT: "read the message as it is now: GET /sandbox/channels/<name>/messages",
  LAB_NOT_RUNNING: "npm start",
};

/** The body of a request by its schema. @throws {ControlError} 400 naming the member. */
export async function bodyOf<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.infer<Schema>> {
  const text = await context.req.text();
  const parsed = schema.safeParse(text === "" ? {} : parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ControlError(400, "USAGE", `${issue?.path.join(".") || "body"}: ${issue?.message ?? "is wrong"}`);
}

/**
 * The value. `wayOut` says what to send instead, where that is not one of the lists.
 * @throws {ControlError} 404 saying what was looked for when there is none.
 */
export function found<Value>(value: Value | undefined, what: string, wayOut?: string): Value {
  if (value === undefined) throw new ControlError(404, "NOT_FOUND", `no ${what}`, { wayOut });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControlError(400, "INVALID_JSON", "the body is not JSON", { cause });
  }
}
