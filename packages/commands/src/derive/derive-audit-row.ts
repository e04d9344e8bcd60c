import { auditEntrySchema, type Actor, type AuditEntry } from "@quarterdeck/model";

/** A row of `audit`, and its JSON. */
export type AuditRow = {
  readonly sequence: number | null;
  /** RFC 3339. */
  readonly at: string | null;
  /** For people: the Slack user that the bot spoke for, else the certificate's name; `engine` where nobody asked. */
  readonly actor: string | null;
  /** The certificate's name. */
  readonly principal: string | null;
  readonly request: string | null;
  readonly act: string | null;
  readonly subjects: readonly string[];
  readonly outcome: string;
  /** `--reason`; `null` when none was given. */
  readonly why: string | null;
};

/** What `--by` and `--since` leave; null for each leaves all. */
export type AuditFilter = { readonly by: string | null; readonly sinceMs: number | null };

/**
 * The row of what is stored at `audit/<sequence>`; null when the filter leaves it out. What cannot be read is a row that says so, whatever the
 * filter: nobody knows whose it is.
 */
export function deriveAuditRow(
  { path, json }: { readonly path: string; readonly json: string },
  { by, sinceMs }: AuditFilter,
): AuditRow | null {
  const entry = read(json);
  if (entry === null) return unreadable(path);
  if (by !== null && !namesOf(entry.actor).includes(by)) return null;
  if (sinceMs !== null && Date.parse(entry.at) < sinceMs) return null;
  const { sequence, at, actor, request, act, subjects, outcome, why } = entry;
  return {
    sequence,
    at,
    actor: actor === null ? ENGINE : actor.slack === null ? actor.principal : `@${actor.slack.userName}`,
    principal: actor?.principal ?? ENGINE,
    request,
    act,
    subjects,
    outcome,
    why: why ?? null,
  };
}

const ENGINE = "engine";

/** All that somebody may be called in `--by`. */
function namesOf(actor: Actor | null): readonly string[] {
  if (actor === null) return [ENGINE];
  if (actor.slack !== null) return [actor.slack.userName, `@${actor.slack.userName}`, actor.slack.userId];
  return [actor.principal, actor.principal.replace(/^operator:/, "")];
}

function read(json: string): AuditEntry | null {
  try {
    return auditEntrySchema.safeParse(JSON.parse(json)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function unreadable(path: string): AuditRow {
  const place = /^audit\/([0-9]{12})$/.exec(path)?.[1];
  return {
    sequence: place === undefined ? null : Number(place),
    at: null,
    actor: null,
    principal: null,
    request: null,
    act: null,
    subjects: [],
    outcome: `${path} cannot be read`,
    why: null,
  };
}
