import { createRequire } from "node:module";
import { getAsset } from "node:sea";
import { compileFunction } from "node:vm";

type RoleModule = { readonly main: (argv: readonly string[]) => Promise<number> };

/** Runs the role's bundle, which lies in this executable. Only inside of one; see bundle.ts. */
export function loadRole(role: string): RoleModule {
  const file = `${role}.cjs`;
  const module = { exports: {} as RoleModule };
  const run = compileFunction(getAsset(file, "utf8"), ["exports", "require", "module"], { filename: file }) as (
    exports: RoleModule,
    require: NodeJS.Require,
    module: { readonly exports: RoleModule },
  ) => void;
  run(module.exports, createRequire(import.meta.url), module);
  return module.exports;
}
