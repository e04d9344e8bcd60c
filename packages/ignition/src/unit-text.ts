import { CodedError } from "@quarterdeck/model";

/** A line of a unit file; the same key may come again. */
export type Setting = readonly [key: string, value: string];
type Section = readonly [name: string, settings: readonly Setting[]];

/**
 * A unit file of our own making. Values are written as they are: specifiers and quotes are the author's, and text from
 * outside must have been matched against a grammar without them.
 * @throws {CodedError} INVALID_UNIT when a value holds a line break or another control character.
 */
export function renderUnit(sections: readonly Section[]): string {
  return sections.map(([name, settings]) => [`[${name}]`, ...settings.map(renderSetting), ""].join("\n")).join("\n");
}

/**
 * An `ExecStart=` value, one argument a line when it is long. Arguments must not need quoting, nor mean anything to systemd.
 * @throws {CodedError} INVALID_UNIT
 */
export function renderCommand(argv: readonly string[]): string {
  const bad = argv.find((argument) => !/^[A-Za-z0-9_.,:/=@+[\]-]+$/.test(argument));
  if (bad !== undefined)
    throw new CodedError("INVALID_UNIT", { message: `${JSON.stringify(bad)} cannot be an argument of ExecStart=` });
  const line = argv.join(" ");
  return line.length <= 100 ? line : argv.join(CONTINUATION);
}

const CONTINUATION = " \\\n    ";

function renderSetting([key, value]: Setting): string {
  if (/\p{Cc}/u.test(value.replaceAll(CONTINUATION, " ")))
    throw new CodedError("INVALID_UNIT", { message: `${key}= holds a control character: ${JSON.stringify(value)}` });
  return `${key}=${value}`;
}
