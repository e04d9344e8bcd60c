import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CodedError } from "@quarterdeck/model";

const MOST_BYTES = 262_144;

/** A unit file's text, or `null` when there is no file of that name. @throws {CodedError} INVALID_UNIT for one too large, or not UTF-8 */
export async function readUnitFile(directory: string, path: string): Promise<string | null> {
  const full = resolve(directory, path);
  const found = await stat(full).catch((error: unknown) => {
    if (
      error instanceof Error &&
      "code" in error &&
      (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "ENAMETOOLONG")
    )
      return null;
    throw error;
  });
  if (found === null || !found.isFile()) return null;
  if (found.size > MOST_BYTES)
    throw new CodedError("INVALID_UNIT", {
      message: `${path}: ${found.size} bytes are more than ${MOST_BYTES}`,
      try: "move large data out of the unit file",
    });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(full));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CodedError(
      "INVALID_UNIT",
      { message: `${path} is not UTF-8`, try: "save it as UTF-8" },
      { cause: error },
    );
  }
}
