import { LIMITS } from "./limits.ts";
import { plain } from "./object-rules.ts";
import { anything, boolean, byType, object, type Rule, string } from "./rules.ts";

const shared = {
  type: anything,
  blocks: anything,
  "private_metadata?": string(LIMITS.privateMetadata, 0),
  "callback_id?": string(LIMITS.identifier, 0),
  "external_id?": string(LIMITS.identifier, 0),
};

const modal: Rule = object({
  ...shared,
  title: plain(LIMITS.viewTitle),
  "submit?": plain(LIMITS.viewButton),
  "close?": plain(LIMITS.viewButton),
  "clear_on_close?": boolean,
  "notify_on_close?": boolean,
  "submit_disabled?": boolean,
});

/** The members of a view beside its blocks; an input needs a way to be sent. */
export function viewRule(surface: "modal" | "home"): Rule {
  if (surface === "home") return byType({ home: object({ ...shared, "blocks?": anything }) });
  return (value, pointer, report) => {
    byType({ modal })(value, pointer, report);
    if (hasInput(value) && !hasSubmit(value)) report(pointer, "missing required field: submit");
  };
}

function hasInput(view: unknown): boolean {
  const blocks: unknown = Object(view).blocks;
  return Array.isArray(blocks) && blocks.some((block) => Object(block).type === "input");
}

function hasSubmit(view: unknown): boolean {
  return Object(view).submit !== undefined;
}
