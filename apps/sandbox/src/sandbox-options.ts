import { parseArgs } from "node:util";
import { CodedError } from "@quarterdeck/model";

/** How a sandbox is set up. */
export type SandboxOptions = {
  /** 0 takes a free one. */
  readonly port: number;
  /** Address of the lab's bridge, where the bots inside the machines reach Slack's side of the sandbox. */
  readonly bridge?: string | undefined;
  /** Unix socket of the lab's supervisor. */
  readonly labSocket?: string | undefined;
  /** Folder where messages are kept; without one they live in memory. */
  readonly stateDirectory?: string | undefined;
  /** The built page; without one `/` says how to get it. */
  readonly pageDirectory?: string | undefined;
  readonly botToken: string;
  readonly appToken: string;
  /** How long Slack waits for an acknowledgement; 3000 unless a test has no time. */
  readonly ackTimeoutMs?: number;
};

const DEFAULT_PORT = 4646;

/** The options in an argument list. @throws {CodedError} USAGE naming what is wrong. */
export function parseSandboxOptions(argv: readonly string[]): SandboxOptions {
  const values = parse(argv);
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CodedError("USAGE", { message: `--port must be a number from 0 to 65535, not ${values.port}` });
  return {
    port,
    bridge: values.bridge,
    labSocket: values["lab-socket"],
    stateDirectory: values.state,
    botToken: values["bot-token"] ?? "xoxb-sandbox",
    appToken: values["app-token"] ?? "xapp-sandbox",
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: "string" },
        bridge: { type: "string" },
        "lab-socket": { type: "string" },
        state: { type: "string" },
        "bot-token": { type: "string" },
        "app-token": { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new CodedError("USAGE", { message: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
}
