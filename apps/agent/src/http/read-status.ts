import type { UnitName } from "@quarterdeck/model";
import { programLines } from "./program-lines.ts";

/** systemctl says by 3 that the unit is not active, by 1 or 2 that it is dead and left a file behind. @see systemctl(1) "EXIT STATUS" */
const isFine = (exitCode: number): boolean => exitCode >= 1 && exitCode <= 3;

/**
 * The unit as `systemctl status` shows it, with that many of its newest journal lines.
 * @throws {CodedError} FAILED when there is no such unit, or systemctl does not start
 */
export async function readStatus(unit: UnitName, lines: number, signal: AbortSignal): Promise<string> {
  const argv = ["status", "--no-pager", "--full", `--lines=${lines}`, "--", unit];
  const text = await Array.fromAsync(programLines({ file: "systemctl", argv, isFine }, signal));
  return text.join("\n");
}
