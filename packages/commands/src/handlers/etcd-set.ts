import { CodedError } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import { checkKey } from "../etcd/check-key.ts";
import { encodeValue } from "../etcd/encode-value.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import type { ViewBlock } from "../view.ts";

/** Answers with the value, as etcdctl did; `-` takes all of standard input, byte for byte. */
export const etcdSet: Handler<NoFlags, readonly [string, string]> = async function* ({ args }, context, signal) {
  const key = checkKey(args[0], "set");
  const bytes = args[1] === "-" ? await readInput(context, signal) : Buffer.from(args[1]);
  await context.etcd.raw.put(key, bytes, signal);
  const encoded = encodeValue(bytes);
  const shown: ViewBlock =
    encoded.encoding === "utf8"
      ? { kind: "code", language: "text", text: encoded.value }
      : { kind: "note", tone: "good", text: `wrote ${bytes.length} bytes that are not text` };
  yield done({ key, ...encoded }, [shown]);
};

async function readInput(context: CommandContext, signal: AbortSignal): Promise<Uint8Array> {
  if (context.readInput !== undefined) return context.readInput(signal);
  throw new CodedError("USAGE", { message: "- is the standard input, and there is none here", try: "give the value" });
}
