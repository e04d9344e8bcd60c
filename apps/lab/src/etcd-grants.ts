/** One step of etcd's access control; steps build on those before them. `to` is the first key beyond the range. */
export type Grant =
  | { readonly kind: "role"; readonly role: string }
  | { readonly kind: "permission"; readonly role: string; readonly access: "read" | "readwrite"; readonly from: string; readonly to: string }
  | { readonly kind: "user"; readonly user: string }
  | { readonly kind: "member"; readonly user: string; readonly role: string };

/**
 * Who may do what in etcd (blueprint §4 rule 11): everybody reads; an agent writes only `agents/<itself>/`, a client only its own requests
 * and what lies outside Quarterdeck's prefix, the bot also its notes; the engine alone writes what should be. `root` may do all.
 */
export function etcdGrants(principals: readonly string[], prefix: string): readonly Grant[] {
  const within = (path: string): { readonly from: string; readonly to: string } => ({ from: prefix + path, to: beyond(prefix + path) });
  const outside = [
    { from: "!", to: prefix },
    { from: beyond(prefix), to: "~" },
  ];
  const role = (name: string, ...ranges: readonly { readonly access: "read" | "readwrite"; readonly from: string; readonly to: string }[]): readonly Grant[] => [
    { kind: "role", role: name },
    ...ranges.map((range): Grant => ({ kind: "permission", role: name, ...range })),
  ];
  return [
    ...role("root"),
    ...user("root", "root"),
    ...role("reader", { access: "read", ...within("") }),
    ...role("client", ...outside.map((range) => ({ access: "readwrite" as const, ...range }))),
    ...role("engine", { access: "readwrite", ...within("") }),
    ...user("engine", "engine"),
    ...role("bot", { access: "readwrite", ...within("bot/") }, { access: "readwrite", ...within("requests/bot/") }),
    ...user("bot", "reader", "bot"),
    ...principals.flatMap((name) => {
      const [kind = "", id = ""] = name.split(":");
      if (kind === "machine") return [...role(name, { access: "readwrite", ...within(`agents/${id}/`) }), ...user(name, "reader", name)];
      return [...role(name, { access: "readwrite", ...within(`requests/${name}/`) }), ...user(name, "reader", "client", name)];
    }),
  ];
}

function user(name: string, ...roles: readonly string[]): readonly Grant[] {
  return [{ kind: "user", user: name }, ...roles.map((role): Grant => ({ kind: "member", user: name, role }))];
}

/** The first key that does not begin with `prefix`, which must end in a character before DEL. */
function beyond(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
