import { CodedError } from "@quarterdeck/model";
import { MAX_MACHINE_NUMBER } from "./host-names.ts";
import type { LabOptions } from "./lab-options.ts";

/** What the environment says about the lab. */
export type Settings = Pick<LabOptions, "machines" | "egress" | "slack"> & {
  /** 0: any that is free. */ readonly port: number;
};

/** @throws {CodedError} USAGE for a number that is none, or one Slack token without the other */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const botToken = environment["SLACK_BOT_TOKEN"] ?? "";
  const appToken = environment["SLACK_APP_TOKEN"] ?? "";
  if ((botToken === "") !== (appToken === ""))
    throw new CodedError("USAGE", {
      message: "SLACK_BOT_TOKEN and SLACK_APP_TOKEN go together",
      why: "only one of them is set",
      try: "set both for real Slack, none for the sandbox",
    });
  const slack = botToken === "" ? null : { botToken, appToken };
  return {
    port: numberIn(environment, "QUARTERDECK_PORT", { fallback: 4646, min: 0, max: 65_535 }),
    machines: numberIn(environment, "QUARTERDECK_MACHINES", { fallback: 3, min: 1, max: MAX_MACHINE_NUMBER }),
    // Real Slack is outside.
    egress: slack !== null || environment["QUARTERDECK_EGRESS"] === "1",
    slack,
  };
}

function numberIn(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const text = environment[name] ?? "";
  if (text === "") return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new CodedError("USAGE", {
      message: `${name} is ${JSON.stringify(text)}`,
      why: `it must be a whole number from ${min} to ${max}`,
      try: `${name}=${fallback}`,
    });
  return value;
}
