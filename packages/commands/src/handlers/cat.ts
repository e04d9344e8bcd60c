import { keys } from "@quarterdeck/etcd";
import { CodedError } from "@quarterdeck/model";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { done } from "../show/final.ts";

export const cat: Handler<NoFlags, readonly [string]> = async function* ({ args }, context, signal) {
  const facts = await readFacts(context, signal);
  // Of a service its template is meant: the one file that all replicas share.
  const unit = facts.services.get(args[0])?.template ?? orThrow(resolveUnits(facts, args, { verb: "cat" })).units[0];
  const known = unit === undefined ? undefined : facts.units.get(unit);
  if (unit === undefined || known === undefined) {
    throw new CodedError("NOT_FOUND", {
      message: `nobody submitted ${unit ?? args[0]}`,
      why: "it runs as an orphan, and its file is not in etcd",
      try: "fleet list-unit-files",
    });
  }
  const { hash } = known.value;
  const file = await context.etcd.get(keys.unitFile(hash), signal);
  if (file === null)
    throw new CodedError("NOT_FOUND", {
      message: `the text of ${unit} is gone`,
      why: `no unit file ${hash}`,
      try: `fleet submit --replace ${unit}`,
    });
  yield done({ unit, hash, text: file.value.text }, [{ kind: "code", language: "ini", text: file.value.text }]);
};
