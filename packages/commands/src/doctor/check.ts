import type { Problem } from "@quarterdeck/model";

/** One line of `doctor`. `skipped`: it rests on another that failed; `message` says which. */
export type Check = {
  /** What was looked at, the endpoint or member behind it: `tcp https://10.78.0.11:2379`. */
  readonly check: string;
  readonly state: "ok" | "warn" | "failed" | "skipped";
  readonly message: string;
  readonly why: string | null;
  readonly try: string | null;
};

export const ok = (check: string, message: string): Check => ({ check, state: "ok", message, why: null, try: null });

export const skipped = (check: string, because: string): Check => ({
  check,
  state: "skipped",
  message: because,
  why: null,
  try: null,
});

type Fault = Pick<Problem, "message" | "why" | "try">;

export const failed = (check: string, fault: Fault): Check => faulty(check, "failed", fault);

export const warn = (check: string, fault: Fault): Check => faulty(check, "warn", fault);

function faulty(check: string, state: Check["state"], { message, why, try: remedy }: Fault): Check {
  // Who reads this has typed it already.
  const other = remedy === "fleet doctor" ? null : (remedy?.replace(/; fleet doctor$/, "") ?? null);
  return { check, state, message, why: why ?? null, try: other };
}
