import { CodedError, type RequestAction, type Service } from "@quarterdeck/model";
import { parseVersion } from "@quarterdeck/units";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler } from "../grammar/define-command.ts";
import { resolveService } from "../names/resolve-service.ts";
import { orThrow } from "../or-throw.ts";
import { judgeRollout } from "../requests/judge-rollout.ts";
import { mutate } from "../requests/mutate.ts";

export type DeployFlags = { readonly canary?: number; readonly maxParallel?: string; readonly allowTag: boolean };

export const deploy: Handler<DeployFlags, readonly [string, string]> = async function* (
  { flags, args },
  context,
  signal,
) {
  const version = orThrow(parseVersion(args[1]));
  const service = orThrow(resolveService(await readFacts(context, signal), args[0], "deploy", [args[1]]));
  const action: RequestAction = {
    verb: "deploy",
    service: service.service,
    version,
    maxParallel: parseMaxParallel(flags.maxParallel, service),
    canary: flags.canary ?? null,
    allowTag: flags.allowTag,
  };
  yield* mutate(
    {
      action,
      flags,
      heading: `Deploying ${service.service} ${version}`,
      judge: (applied) => (applied.rollout === null ? null : judgeRollout(applied.rollout)),
      document: (request, applied, state, reason) => ({
        request,
        rollout: applied.rollout,
        service: service.service,
        release: applied.release,
        version,
        // What the engine began is a change, whatever names it lists.
        state: applied.rollout === null ? "unchanged" : state === "unchanged" ? "done" : state,
        reason,
      }),
      appliedText: () => `${service.service} ${version}: nothing to change`,
      timeoutSeconds: () => Math.max(600, service.deploy.progressDeadlineSeconds),
      renews: true,
    },
    context,
    signal,
  );
};

/** `2`, or `25%` of the replicas, at least 1. */
function parseMaxParallel(text: string | undefined, service: Service): number | null {
  if (text === undefined) return null;
  const [, digits, percent] = /^(\d{1,4})(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || number === 0 || (percent === "%" && number > 100)) {
    throw new CodedError("USAGE", {
      message: `--max-parallel ${JSON.stringify(text)} is neither a number of 1 or more nor a percentage`,
      try: "--max-parallel 2, or --max-parallel 25%",
    });
  }
  return percent === "%" ? Math.max(1, Math.floor((service.deploy.replicas * number) / 100)) : number;
}
