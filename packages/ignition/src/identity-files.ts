import { registryCaPath } from "./config-file.ts";
import type { WorkerMachine } from "./options.ts";
import { PATHS } from "./paths.ts";
import type { IgnitionFile } from "./spec.ts";
import { SECRET, textFile } from "./text-file.ts";

/** Authorities, certificates and keys; and the tokens for Slack, which are secrets of the same kind. */
export function identityFiles({ pki, registryCa, slack }: WorkerMachine): readonly IgnitionFile[] {
  return [
    textFile(`${PATHS.pki}/ca.pem`, pki.ca),
    ...(pki.peerCa === undefined ? [] : [textFile(`${PATHS.pki}/peer-ca.pem`, pki.peerCa)]),
    ...Object.entries(pki.identities).flatMap(([role, identity]) =>
      identity === undefined
        ? []
        : [
            textFile(`${PATHS.pki}/${role}.pem`, identity.cert),
            textFile(`${PATHS.pki}/${role}-key.pem`, identity.key, SECRET),
          ],
    ),
    ...(registryCa === undefined ? [] : [textFile(registryCaPath(registryCa.host), registryCa.ca)]),
    ...(slack === undefined ? [] : [textFile(PATHS.slack, slackEnvironment(slack), SECRET)]),
  ];
}

/** Needs no quoting: the options' grammar leaves nothing that systemd would read as more than itself. @see systemd.exec(5) "EnvironmentFile=" */
function slackEnvironment({ botToken, appToken, apiUrl }: NonNullable<WorkerMachine["slack"]>): string {
  const variables = [
    `SLACK_BOT_TOKEN=${botToken}`,
    `SLACK_APP_TOKEN=${appToken}`,
    ...(apiUrl === undefined ? [] : [`SLACK_API_URL=${apiUrl}`]),
  ];
  return `${variables.join("\n")}\n`;
}
