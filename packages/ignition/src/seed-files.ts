import type { EtcdMachine } from "./options.ts";
import { PATHS } from "./paths.ts";
import type { IgnitionFile } from "./spec.ts";
import { textFile } from "./text-file.ts";

/** What the first leading engine commits when etcd holds no policy yet. */
export function seedFiles(seed: EtcdMachine["seed"]): readonly IgnitionFile[] {
  if (seed === undefined) return [];
  return [
    textFile(`${PATHS.seed}/policy.json`, json(seed.policy)),
    textFile(`${PATHS.seed}/seed.json`, json({ v: 1, units: seed.units })),
    ...Object.entries(seed.files).map(([name, text]) => textFile(`${PATHS.seed}/units/${name}`, text)),
  ];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
