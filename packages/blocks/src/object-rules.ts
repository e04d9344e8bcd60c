import { LIMITS } from "./limits.ts";
import { anything, array, boolean, both, byType, isObject, object, oneOf, type Rule, string } from "./rules.ts";

/** A plain_text object of 1 to `max` characters. */
export function plain(max: number): Rule {
  return byType({ plain_text: object({ type: anything, text: string(max), "emoji?": boolean }) });
}

/** A mrkdwn object of 1 to `max` characters. */
export function markup(max: number): Rule {
  return byType({ mrkdwn: object({ type: anything, text: string(max), "verbatim?": boolean }) });
}

/** Either kind of text object. */
export function text(max: number): Rule {
  return byType({
    plain_text: object({ type: anything, text: string(max), "emoji?": boolean }),
    mrkdwn: object({ type: anything, text: string(max), "verbatim?": boolean }),
  });
}

/** An identifier: `action_id`, `block_id`, `callback_id`. */
export const identifier: Rule = string(LIMITS.identifier);

/** The dialog between click and effect. */
export const confirm: Rule = object({
  "title?": plain(LIMITS.confirmTitle),
  text: text(LIMITS.confirmText),
  "confirm?": plain(LIMITS.confirmButton),
  "deny?": plain(LIMITS.confirmButton),
  "style?": oneOf("primary", "danger"),
});

/** One option of a menu, list of radio buttons or overflow. */
export const option: Rule = object({
  text: text(LIMITS.optionText),
  value: string(LIMITS.optionValue),
  "description?": text(LIMITS.optionDescription),
  "url?": string(LIMITS.url),
});

/** The options of a menu, flat or in groups. */
export const optionGroup: Rule = object({ label: plain(LIMITS.optionText), options: array(option, LIMITS.options) });

/** No two members with the same value of `member`; Slack could not tell their events apart. */
function unique(member: string): Rule {
  return (value, pointer, report) => {
    const seen = new Set<unknown>();
    for (const [index, item] of Array.isArray(value) ? value.entries() : []) {
      const id = isObject(item) ? item[member] : undefined;
      if (id === undefined) continue;
      if (seen.has(id)) report(`${pointer}/${index}/${member}`, `\`${member}\` ${JSON.stringify(id)} already exists`);
      seen.add(id);
    }
  };
}

/** An array whose members differ in `member`. */
export function uniqueArray(member: string, rule: Rule, max: number): Rule {
  return both(array(rule, max), unique(member));
}
