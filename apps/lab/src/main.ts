import { CodedError, ERROR_CODES, problemOf, type Problem } from "@quarterdeck/model";
import { COMMANDS } from "./commands.ts";
import { usage } from "./usage.ts";

/** `lab <command> …`. @returns the exit code, as `fleet`'s */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = argv;
  const asJson = rest.includes("json");
  try {
    if (["help", "--help", "-h"].includes(name)) {
      process.stdout.write(usage());
      return 0;
    }
    const command = COMMANDS[name];
    if (command === undefined)
      throw new CodedError("UNKNOWN_COMMAND", {
        message: `lab has no command ${JSON.stringify(name)}`,
        try: "npx lab help",
      });
    return await command(rest);
  } catch (error) {
    const problem = problemOf(error);
    if (asJson)
      process.stdout.write(`${JSON.stringify({ error: { correlationId: null, why: null, try: null, ...problem } })}\n`);
    else process.stderr.write(renderProblem(problem));
    if (problem.code === "INTERNAL" && process.env["QUARTERDECK_DEBUG"] !== undefined) console.error(error);
    return ERROR_CODES[problem.code].exitCode;
  }
}

/** As every program of Quarterdeck prints it on stderr. */
export function renderProblem(problem: Problem): string {
  const line = (label: string, text: string | undefined): string =>
    text === undefined ? "" : `${label}: ${text.replaceAll("\n", "\n  ")}\n`;
  return `error[${problem.code}]: ${problem.message}\n${line("why", problem.why)}${line("who can fix it", problem.whoCanFix)}${line("try", problem.try)}`;
}
