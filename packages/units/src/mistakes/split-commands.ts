import { isSpace } from "../strip-space.ts";

/**
 * The commands of an `Exec…=` line, not yet split into words: a semicolon between spaces separates two, in quotes or behind a backslash it is
 * a word. @see systemd.service(5) "COMMAND LINES"
 */
export function splitCommands(line: string): readonly string[] {
  const commands: string[] = [];
  let command = "";
  let quote: string | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    const starts = quote === null && (index === 0 || isSpace(line.charAt(index - 1)));
    if (starts && character === ";" && endsWord(line, index + 1)) {
      commands.push(command);
      command = "";
    } else if (starts && character === "\\" && line.charAt(index + 1) === ";" && endsWord(line, index + 2)) {
      command += '";"';
      index += 1;
    } else {
      if (character === "\\") {
        command += character;
        index += 1;
      } else if (character === quote) quote = null;
      else if (quote === null && (character === '"' || character === "'")) quote = character;
      command += line.charAt(index);
    }
  }
  return [...commands, command];
}

function endsWord(line: string, index: number): boolean {
  return index >= line.length || isSpace(line.charAt(index));
}
