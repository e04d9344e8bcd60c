import { CodedError } from "@quarterdeck/model";
import type { Handler } from "../grammar/define-command.ts";
import { readUnitFiles } from "../names/read-unit-files.ts";
import { mutate } from "../requests/mutate.ts";
import { unitMutation } from "./change-units.ts";

export type ReplaceFlags = { readonly replace: boolean };

export const submit: Handler<ReplaceFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const { names, files } = await readUnitFiles(args, context);
  const sent = new Set<string>(files.map((file) => file.name));
  const missing = names.find((name) => !sent.has(name));
  if (missing !== undefined) {
    const inSlack = context.surface === "slack";
    throw new CodedError("NOT_FOUND", {
      message: inSlack ? `the text of ${missing} is missing` : `there is no file ${missing}`,
      why: inSlack ? "in Slack the unit file stands in a ``` block" : "a file is looked for in the working directory",
      try: inSlack
        ? `/fleet submit ${missing}, then the unit file between two lines of \`\`\``
        : `fleet submit path/to/${missing}`,
    });
  }
  const units = files.map((file) => file.name);
  yield* mutate(
    unitMutation({
      action: { verb: "submit", files: [...files], replace: flags.replace },
      units,
      flags,
      doing: "Submitting",
      judge: null,
      did: "submitted",
    }),
    context,
    signal,
  );
};
