import { nearest, problemOf, type Problem } from "@quarterdeck/model";
import {
  ArgumentScannerError,
  formatMessageForArgumentScannerError,
  text_en,
  type ApplicationText,
} from "@stricli/core";

/** The grammar's words for what went wrong: each error is one line of JSON, a {@link Problem}, read back by `parseWords`. */
export const grammarText: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput: ({ input }) =>
    line({ code: "UNKNOWN_COMMAND", message: `I don't know ${JSON.stringify(input)}` }),
  exceptionWhileParsingArguments: (thrown) => line(argumentProblem(thrown)),
  exceptionWhileLoadingCommandFunction: (thrown) => line(problemOf(thrown)),
  exceptionWhileLoadingCommandContext: (thrown) => line(problemOf(thrown)),
  exceptionWhileRunningCommand: (thrown) => line(problemOf(thrown)),
  commandErrorResult: (error) => line(problemOf(error)),
};

/** Flags are written so in help; the grammar knows them by both spellings. */
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const line = (problem: Problem): string => JSON.stringify(problem);

function argumentProblem(thrown: unknown): Problem {
  if (!(thrown instanceof ArgumentScannerError)) return problemOf(thrown);
  let hint: string | undefined;
  const message = formatMessageForArgumentScannerError(thrown, {
    FlagNotFoundError: ({ input, corrections }) => {
      // The grammar's corrections are its nearest, however far away.
      const close = nearest(
        kebab(input),
        corrections.map((one) => kebab(one.replaceAll("`", "").replace(/^-+/, ""))),
      );
      if (close !== null) hint = `write --${close}`;
      return `there is no flag --${input}`;
    },
    AliasNotFoundError: ({ input }) => `there is no flag -${input}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, exception }) =>
      `${/^[A-Z]/.test(name) ? name : `--${name}`}: ${exception instanceof Error ? exception.message : String(exception)}`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} ${JSON.stringify(input)} is none of ${values.join(", ")}`,
    UnexpectedFlagError: ({ externalFlagName }) => `--${externalFlagName} is given twice`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} needs a value`,
    UnexpectedPositionalError: ({ input, expectedCount }) =>
      `${JSON.stringify(input)} is one argument too many; ${expectedCount} are known`,
    UnsatisfiedPositionalError: ({ placeholder }) => `${placeholder} is missing`,
    InvalidNegatedFlagSyntaxError: ({ externalFlagName }) => `--${externalFlagName} takes no value`,
  });
  return { code: "USAGE", message, ...(hint === undefined ? {} : { try: hint }) };
}
