import type { Logger } from "@quarterdeck/daemon";
import { CodedError } from "@quarterdeck/model";
// Bolt is CommonJS; its named exports are found all the same.
import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { WebClient } from "@slack/web-api";

/** Real Slack where `apiUrl` is left out, else a stand-in that speaks its protocol. */
export type SlackOptions = { readonly botToken: string; readonly appToken: string; readonly apiUrl?: string };

/** Reads SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_API_URL. @throws {CodedError} INVALID_CONFIG */
export function slackOptions(environment: NodeJS.ProcessEnv): SlackOptions {
  const botToken = environment["SLACK_BOT_TOKEN"] ?? "";
  const appToken = environment["SLACK_APP_TOKEN"] ?? "";
  if (!botToken.startsWith("xoxb-") || !appToken.startsWith("xapp-")) {
    throw new CodedError("INVALID_CONFIG", {
      message: "SLACK_BOT_TOKEN must begin with xoxb- and SLACK_APP_TOKEN with xapp-",
      try: "put both into /etc/quarterdeck/slack.env",
    });
  }
  const apiUrl = environment["SLACK_API_URL"];
  return { botToken, appToken, ...(apiUrl === undefined || apiUrl === "" ? {} : { apiUrl }) };
}

/** Bolt's app, its receiver, and a client of our own for posts and edits. */
export function createSlackApp(options: SlackOptions, log: Logger) {
  // A new object each time: Bolt changes the one it is given, and with it every client that shares it.
  const clientOptions = () => ({
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
    timeout: 8000,
    retryConfig: { retries: 2, minTimeout: 200, maxTimeout: 1000 },
  });
  const logger = boltLogger(log);
  const receiver = new SocketModeReceiver({
    appToken: options.appToken,
    logger,
    // After a refresh that Slack asks for, Bolt waits this long before it connects again.
    clientPingTimeout: 1000,
    installerOptions: { clientOptions: clientOptions() },
  });
  const app = new App({
    token: options.botToken,
    receiver,
    clientOptions: clientOptions(),
    logger,
    extendedErrorHandler: true,
  });
  // One 429 stops a client's whole queue: edits must not hold up answers to people.
  const client = new WebClient(options.botToken, { ...clientOptions(), logger });
  return { app, receiver, client };
}

/** Bolt's lines in our journal; it may log headers and tokens below info, which are left out. */
function boltLogger(log: Logger) {
  const text = (parts: readonly unknown[]) =>
    parts
      .map(String)
      .join(" ")
      .replaceAll(/x(ox[a-z]|app)-[A-Za-z0-9-]+/g, "x…");
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.debug(text(parts)),
    warn: (...parts: unknown[]) => log.warn(text(parts)),
    error: (...parts: unknown[]) => log.error(text(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
