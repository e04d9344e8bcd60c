import { CodedError } from "@quarterdeck/model";

/** For when something else was thrown already, which matters more: a place that could not be given up ends with its lease. */
export async function leaveQuietly(leave: () => Promise<void>): Promise<void> {
  try {
    await leave();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
  }
}
