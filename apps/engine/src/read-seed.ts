import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { CodedError, policySchema, seedSchema } from "@quarterdeck/model";
import type { z } from "zod";
import type { SeedContent } from "./plan-seed.ts";

/**
 * Reads the seed folder; null when this machine has none.
 * @throws {CodedError} INVALID_CONFIG when a file is missing or not what its schema says.
 */
export async function readSeed(folder: string): Promise<SeedContent | null> {
  const listed = await readText(join(folder, "seed.json"));
  if (listed === null) return null;
  const seed = decodeFile(listed, seedSchema, join(folder, "seed.json"));
  const policy = await readText(join(folder, "policy.json"));
  if (policy === null) throw invalid(join(folder, "policy.json"), "it is missing");
  const texts = new Map<string, string>();
  for (const { file } of seed.units) {
    // The folder is root's, but a name that climbs out of it is a mistake all the same.
    if (basename(file) !== file) throw invalid(join(folder, "seed.json"), `${file} is not a plain file name`);
    const text = await readText(join(folder, "units", file));
    if (text !== null) texts.set(file, text);
  }
  return { seed, policy: decodeFile(policy, policySchema, join(folder, "policy.json")), texts };
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new CodedError("INVALID_CONFIG", { message: `cannot read ${path}` }, { cause: error });
  }
}

function decodeFile<Value>(text: string, schema: z.ZodType<Value>, path: string): Value {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw invalid(path, "it is not JSON", error);
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw invalid(path, parsed.error.issues[0]?.message ?? "invalid", parsed.error);
}

function invalid(path: string, what: string, cause?: unknown): CodedError {
  return new CodedError("INVALID_CONFIG", { message: `${path}: ${what}` }, { cause });
}
