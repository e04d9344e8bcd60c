import { rebootGroupNameSchema, refuse, succeed, type Result } from "@quarterdeck/model";
import { z } from "zod";
import { refusal, type FleetLockAnswer } from "./fleet-lock-answer.ts";

/** What a FleetLock client says of itself. */
export type FleetLockQuestion = {
  /** `ask`: it wants to reboot. `steady`: it has done what it wanted. */
  readonly step: "ask" | "steady";
  /** As the client names itself; see {@link deriveFleetLockId}. */
  readonly id: string;
  readonly group: string;
};

/** @see https://coreos.github.io/zincati/development/fleetlock/protocol/ */
const bodySchema = z.object({
  client_params: z.object({ id: z.string().min(1).max(256), group: rebootGroupNameSchema }),
});

const STEPS: Readonly<Record<string, FleetLockQuestion["step"]>> = {
  "/v1/pre-reboot": "ask",
  "/v1/steady-state": "steady",
};

export type FleetLockHead = {
  readonly method: string;
  readonly url: string;
  /** Of the header `fleet-lock-protocol`. */
  readonly protocol: string | readonly string[] | undefined;
};

/** Which of the two questions it is, or why it is none; told by the head alone, before a byte of the body is read. */
export function parseHead({
  method,
  url,
  protocol,
}: FleetLockHead): Result<FleetLockQuestion["step"], FleetLockAnswer> {
  const step = Object.hasOwn(STEPS, url) ? STEPS[url] : undefined;
  if (step === undefined) return refuse(refusal(404, "not_found", "there are /v1/pre-reboot and /v1/steady-state"));
  if (method !== "POST") return refuse(refusal(405, "method_not_allowed", "only POST is answered"));
  if (protocol !== "true") return refuse(refusal(400, "missing_header", "fleet-lock-protocol must be true"));
  return succeed(step);
}

/** The client's parameters; text that is no JSON, or other JSON, is refused. */
export function parseBody(bytes: Uint8Array): Result<Omit<FleetLockQuestion, "step">, FleetLockAnswer> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refuse(refusal(400, "invalid_body", "the body is no JSON in UTF-8"));
  }
  const parsed = bodySchema.safeParse(body);
  if (parsed.success) return succeed(parsed.data.client_params);
  const path = parsed.error.issues[0]?.path.join(".") ?? "";
  return refuse(refusal(400, "invalid_body", `${path === "" ? "the body" : path} is not as FleetLock has it`));
}
