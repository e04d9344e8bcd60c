import { CodedError } from "@quarterdeck/model";

/** The code of what a promise is rejected with, or that it was not; throws whatever is no coded error. */
export async function codeOf(promise: Promise<unknown> | undefined): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return "nothing was thrown";
}
