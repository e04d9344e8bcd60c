/** The workspace, the app and its bot user; one of each, so they are constants. */
export const IDENTITY = {
  team: "T0QUARTERDECK",
  teamName: "Quarterdeck sandbox",
  teamDomain: "quarterdeck",
  app: "A0FLEET",
  bot: "B0FLEET",
  botUser: "U0FLEET",
  botName: "fleet",
  command: "/fleet",
} as const;

/** What the app was granted at install. A method that needs another scope answers `missing_scope`. */
export const SCOPES: readonly string[] = [
  "commands",
  "chat:write",
  "users:read",
  "usergroups:read",
  "channels:read",
  "channels:history",
  "im:write",
  "files:write",
];
