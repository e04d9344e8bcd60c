import { assertNever } from "@quarterdeck/model";
import { chooseRole } from "./choose-role.ts";
import { version } from "./version.ts";

const HELP = `quarterdeck ${version}

  quarterdeck agent     on every machine: makes systemd obey this machine's schedule
  quarterdeck engine    on the etcd machines: decides what runs where
  quarterdeck bot       speaks Slack; a unit of the cluster itself
  quarterdeck fleet …   the terminal; the same as calling this file by the name fleet
  quarterdeck version   prints the version
`;

/**
 * The one binary. `calledAs` is the name it was started by. Each role is imported only when it is asked for, so that `fleet`
 * does not pay for Slack's library.
 */
export async function main(calledAs: string, argv: readonly string[]): Promise<number> {
  const call = chooseRole(calledAs, argv);
  if (!call.ok) {
    process.stderr.write(
      `error[${call.error.code}]: ${call.error.message}\ntry: ${call.error.try ?? "quarterdeck help"}\n`,
    );
    return 2;
  }
  switch (call.value.kind) {
    case "agent":
      return (await import("@quarterdeck/agent/main")).main(call.value.argv);
    case "engine":
      return (await import("@quarterdeck/engine/main")).main(call.value.argv);
    case "bot":
      return (await import("@quarterdeck/bot/main")).main(call.value.argv);
    case "fleet":
      return (await import("@quarterdeck/cli/main")).main(call.value.argv);
    case "version":
      process.stdout.write(`quarterdeck ${version}\n`);
      return 0;
    case "help":
      process.stdout.write(HELP);
      return 0;
    default:
      return assertNever(call.value.kind);
  }
}
