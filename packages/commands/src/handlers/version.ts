import type { LocalHandler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";

/** Put in by the bundler; from source there is none. */
declare const QUARTERDECK_VERSION: string | undefined;

export const version: LocalHandler<NoFlags, readonly []> = async function* () {
  const text = typeof QUARTERDECK_VERSION === "undefined" ? "dev" : QUARTERDECK_VERSION;
  yield done({ version: text }, [{ kind: "note", tone: "neutral", text: `fleet ${text} (quarterdeck)` }]);
};
