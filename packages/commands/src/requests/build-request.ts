import { timestampSchema, type Request, type RequestAction, type RequestId } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";

/** `why` is `--reason`; longer than 1000 characters it is cut, never refused. */
export function buildRequest(
  context: Pick<CommandContext, "principal" | "slack" | "clock" | "dryRun">,
  id: RequestId,
  asked: { readonly action: RequestAction; readonly why: string },
): Request {
  return {
    v: 1,
    id,
    actor: { principal: context.principal, slack: context.slack },
    action: asked.action,
    why: asked.why.slice(0, 1000),
    ...(context.dryRun === true ? { dryRun: true } : {}),
    submittedAt: timestampSchema.parse(new Date(context.clock.now()).toISOString()),
    outcome: null,
  };
}
