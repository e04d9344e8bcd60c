import { CodedError } from "@quarterdeck/model";
import type { Handler } from "../grammar/define-command.ts";
import { mutate } from "../requests/mutate.ts";
import { relocationMutation } from "./change-relocation.ts";

export type RebalanceFlags = { readonly max?: number };

export const rebalance: Handler<RebalanceFlags, readonly []> = async function* ({ flags }, context, signal) {
  if (flags.max === 0) throw new CodedError("USAGE", { message: "--max 0 moves nothing", try: "fleet plan rebalance" });
  const action = { verb: "rebalance" as const, max: flags.max ?? null };
  yield* mutate(relocationMutation({ action, flags, heading: "Rebalancing" }), context, signal);
};
