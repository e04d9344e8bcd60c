import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";

/**
 * A problem as a person sees it, in every place alike: `error[code]: message`, then why, who can fix it, and what to type.
 * `message` names the field, the value and the rule; `try` is a command or an edit, never advice in the abstract.
 */
export const problemSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  why: z.string().optional(),
  whoCanFix: z.string().optional(),
  try: z.string().optional(),
});

export type Problem = z.infer<typeof problemSchema>;
