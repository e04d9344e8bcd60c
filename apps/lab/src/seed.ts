import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Seed } from "./machine-config.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples");

/** Unit files of the first start, and what each becomes: known, or running. */
const UNITS = [
  { name: "quarterdeck-bot@1.service", file: "quarterdeck-bot@.service", target: "launched" },
  { name: "quarterdeck-bot@2.service", file: "quarterdeck-bot@.service", target: "launched" },
  { name: "hello.service", file: "hello.service", target: "inactive" },
  { name: "web@.service", file: "web@.service", target: "inactive" },
] as const;

/** What the first leading engine commits in the lab: a policy that lets everybody here but guests do everything, and the examples. */
export async function localSeed(operator: string, ground: "machines" | "processes" = "machines"): Promise<Seed> {
  const files: Record<string, string> = {};
  for (const { file } of UNITS) {
    const text = await readFile(join(EXAMPLES, file), "utf8");
    // Plain processes are handed no certificates; there the bot reads its machine's own.
    files[file] = ground === "machines" ? text : text.replace(/^Identity=.*\n/m, "");
  }
  return {
    // Reading is never refused, which is all that guests need.
    policy: {
      v: 1,
      rules: [{ subjects: [operator, "operator:api-*", "group:developers", "group:sre"], verbs: ["*"] }],
    },
    units: UNITS,
    files,
  } as Seed;
}
