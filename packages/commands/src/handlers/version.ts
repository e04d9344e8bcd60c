import { readFileSync } from "node:fs";
import { z } from "zod";
import type { LocalHandler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";

/** Put in by the bundler; from source the package's own version is read. */
declare const QUARTERDECK_VERSION: string | undefined;

export const version: LocalHandler<NoFlags, readonly []> = async function* () {
  const text = typeof QUARTERDECK_VERSION === "undefined" ? versionFromSource() : QUARTERDECK_VERSION;
  yield done({ version: text }, [{ kind: "note", tone: "neutral", text: `fleet ${text} (quarterdeck)` }]);
};

function versionFromSource(): string {
  const root = new URL("../../../../package.json", import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(root, "utf8"))).version;
}
