import { basename, dirname } from "node:path";
import { CodedError, parseUnitName, templateOf, type UnitName } from "@quarterdeck/model";
import { checkUnit } from "@quarterdeck/units";
import type { CommandContext } from "../command-context.ts";
import { orThrow } from "../or-throw.ts";

export type UnitText = { readonly name: UnitName; readonly text: string };

/** What was typed, with files taken out of the way: `names` are the words as units' names, `files` the texts that go along. */
export type FilesAndNames = { readonly names: readonly string[]; readonly files: readonly UnitText[] };

/**
 * As fleetctl: where a file of a word's name exists its text is sent along, for `web@1.service` also that of `web@.service`. In Slack
 * the ``` block is the text of the only name.
 *
 * @throws {CodedError} INVALID_UNIT · INVALID_NAME · USAGE · NOT_FOUND for a path that is not there
 */
export async function readUnitFiles(words: readonly string[], context: CommandContext): Promise<FilesAndNames> {
  if (context.textBlock != null) return fromBlock(words, context.textBlock);
  const files = new Map<UnitName, string>();
  const names: string[] = [];
  for (const word of words) {
    const name = basename(word);
    names.push(name);
    const text = (await context.readUnitFile?.(word)) ?? null;
    if (text !== null) files.set(orThrow(parseUnitName(name)), text);
    else if (name !== word)
      throw new CodedError("NOT_FOUND", {
        message: `there is no file ${word}`,
        try: `look what is there: ls ${dirname(word)}`,
      });
    else await addTemplate(files, word, context);
  }
  for (const [name, text] of files) orThrow(checkUnit(name, text));
  return { names, files: [...files].map(([name, text]) => ({ name, text })) };
}

async function addTemplate(files: Map<UnitName, string>, word: string, context: CommandContext): Promise<void> {
  const unit = parseUnitName(word);
  const template = unit.ok ? templateOf(unit.value) : null;
  if (template === null) return;
  const text = (await context.readUnitFile?.(template)) ?? null;
  if (text !== null) files.set(template, text);
}

function fromBlock(words: readonly string[], text: string): FilesAndNames {
  const [word, ...others] = words;
  if (word === undefined || others.length > 0)
    throw new CodedError("USAGE", {
      message: "a ``` block is the text of one unit",
      try: "/fleet submit NAME, then the block",
    });
  const name = orThrow(parseUnitName(word));
  orThrow(checkUnit(name, text));
  return { names: [name], files: [{ name, text }] };
}
