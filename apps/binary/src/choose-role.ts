import { nearest, refuse, succeed, type Result } from "@quarterdeck/model";

export const ROLES = ["agent", "engine", "bot", "fleet"] as const;
export type Role = (typeof ROLES)[number];

/** What one call of the binary is to do, and the arguments that are left for it. */
export type Call = { readonly kind: Role | "version" | "help"; readonly argv: readonly string[] };

const WORDS: Readonly<Record<string, Call["kind"]>> = {
  agent: "agent",
  engine: "engine",
  bot: "bot",
  fleet: "fleet",
  version: "version",
  "--version": "version",
  "-V": "version",
  help: "help",
  "--help": "help",
  "-h": "help",
};

/** Called as `fleet` (a link of that name) everything is for the terminal; else the first argument names the role. */
export function chooseRole(calledAs: string, argv: readonly string[]): Result<Call> {
  if (calledAs.slice(calledAs.lastIndexOf("/") + 1) === "fleet") return succeed({ kind: "fleet", argv });
  const [word, ...rest] = argv;
  if (word === undefined) return succeed({ kind: "help", argv: [] });
  const kind = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (kind !== undefined) return succeed({ kind, argv: rest });
  const close = nearest(word, Object.keys(WORDS));
  return refuse({
    code: "USAGE",
    message: `quarterdeck has no role ${JSON.stringify(word)}`,
    try: `quarterdeck ${close ?? "help"}`,
  });
}
