import { CodedError } from "@quarterdeck/model";

/**
 * Takes a word for a key, whole as etcd has it.
 * @throws {CodedError} USAGE for one that does not begin with /
 */
export function checkKey(word: string, verb: "get" | "set" | "ls"): string {
  if (word.startsWith("/")) return word;
  throw new CodedError("USAGE", {
    message: `${JSON.stringify(word)} is not a whole key: it does not begin with /`,
    try: `fleet etcd ${verb} /${word}`,
  });
}
