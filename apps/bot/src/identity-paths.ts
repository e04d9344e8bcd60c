import { join } from "node:path";

/** Where the bot's certificate, its key and the CA are. */
export type IdentityPaths = { readonly ca: string; readonly cert: string; readonly key: string };

/**
 * As a unit with `Identity=bot` it is handed copies in systemd's `$CREDENTIALS_DIRECTORY`; by hand, and on plain processes, it reads the machine's own.
 * @see systemd.exec(5) "CREDENTIALS"
 */
export function identityPaths(credentials: string | undefined, pki: string): IdentityPaths {
  if (credentials === undefined || credentials === "")
    return { ca: join(pki, "ca.pem"), cert: join(pki, "bot.pem"), key: join(pki, "bot-key.pem") };
  return {
    ca: join(credentials, "ca.pem"),
    cert: join(credentials, "identity.pem"),
    key: join(credentials, "identity-key.pem"),
  };
}
