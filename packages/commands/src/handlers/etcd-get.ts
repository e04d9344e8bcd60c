import { CodedError } from "@quarterdeck/model";
import { checkKey } from "../etcd/check-key.ts";
import { encodeValue } from "../etcd/encode-value.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";

/** The value alone, as etcdctl printed it. What is not text is refused but in JSON: a terminal would show something else than is stored. */
export const etcdGet: Handler<NoFlags, readonly [string]> = async function* ({ args, flags }, context, signal) {
  const key = checkKey(args[0], "get");
  const found = await context.etcd.raw.get(key, signal);
  if (found === null)
    throw new CodedError("NOT_FOUND", {
      message: `there is no key ${key}`,
      try: `fleet etcd ls ${key.slice(0, key.lastIndexOf("/")) || "/"}`,
    });
  const encoded = encodeValue(found.bytes);
  if (encoded.encoding === "base64" && flags.output === "table")
    throw new CodedError("FAILED", {
      message: `the value of ${key} is not text: ${found.bytes.length} bytes that are not UTF-8`,
      try: `fleet etcd get ${key} -o json, which has it in base64`,
    });
  yield done({ key, ...encoded, modRevision: Number(found.modRevision) }, [
    { kind: "code", language: "text", text: found.value },
  ]);
};
