import { CodedError, type MachineId, parseMachineId } from "@quarterdeck/model";
import { isHostName, parseSubjectAlternativeNames, type SubjectAlternativeNames } from "./subject-alternative-names.ts";

/** What a certificate may be used for in TLS. */
export type Purpose = "server" | "client";

/** What is asked of an authority for one identity; made by {@link profiles} only, which check every name. */
export interface Profile {
  /** At most 64 characters, the upper bound of RFC 5280 for a common name. */
  readonly commonName: string;
  readonly purposes: readonly Purpose[];
  readonly names: Required<SubjectAlternativeNames>;
}

/**
 * One certificate profile for each identity. The common name is who etcd, the agents and the engine take the holder for.
 * @see docs/reference/cli.md "Certificate names"
 * @throws {CodedError} INVALID_NAME when an id, a name or an address is malformed; INVALID_CERTIFICATE when a server has no name at all.
 */
export const profiles = {
  /** An agent: a client of etcd, and the server of journals, status and metrics. */
  machine: (id: MachineId, sans: SubjectAlternativeNames): Profile =>
    profile(`machine:${checkedMachine(id)}`, ["server", "client"], sans),
  /** An etcd member towards its clients; also a client, because etcd's own gateway connects to itself with it. */
  etcd: (sans: SubjectAlternativeNames): Profile => profile("etcd", ["server", "client"], sans),
  /** An etcd member towards its peers; to be issued by the peers' own authority, never by the clients'. */
  peer: (sans: SubjectAlternativeNames): Profile => profile("etcd", ["server", "client"], sans),
  /** An engine: a client; a server too (FleetLock, status) where it is given names. */
  engine: (sans: SubjectAlternativeNames = {}): Profile =>
    profile("engine", hasNames(sans) ? ["server", "client"] : ["client"], sans),
  /** The bot, the only one that may speak for Slack users. */
  bot: (): Profile => profile("bot", ["client"], {}),
  /** A person at a terminal, or (`api-<machine>`) a machine's fleet API. 1 to 55 of `A-Z a-z 0-9 _ . @ -`. */
  operator: (name: string): Profile => profile(`operator:${checkedOperator(name)}`, ["client"], {}),
  /** etcd's superuser, for whoever creates users and roles; never given to a machine. */
  root: (): Profile => profile("root", ["client"], {}),
  /** A server that is no member of the cluster, such as the image registry; `name` is a host name and one of its names. */
  server: (name: string, sans: SubjectAlternativeNames = {}): Profile =>
    profile(checkedHost(name), ["server"], { ...sans, dns: [name, ...(sans.dns ?? [])] }),
} as const;

function profile(commonName: string, purposes: readonly Purpose[], sans: SubjectAlternativeNames): Profile {
  const names = parseSubjectAlternativeNames(sans);
  if (purposes.includes("server") && !hasNames(names)) {
    throw new CodedError("INVALID_CERTIFICATE", {
      message: `the certificate of ${commonName} names no host and no address`,
      why: "its clients check the name or address that they connect to",
      try: "give at least one DNS name or IP address",
    });
  }
  return { commonName, purposes, names };
}

function hasNames(sans: SubjectAlternativeNames): boolean {
  return (sans.dns ?? []).length + (sans.ips ?? []).length > 0;
}

function checkedMachine(id: MachineId): MachineId {
  const parsed = parseMachineId(id);
  if (!parsed.ok) throw new CodedError(parsed.error.code, parsed.error);
  return parsed.value;
}

function checkedOperator(name: string): string {
  if (/^[a-zA-Z0-9_.@-]{1,55}$/.test(name)) return name;
  throw new CodedError("INVALID_NAME", {
    message: `${JSON.stringify(name)} is not an operator's name`,
    why: "it becomes part of a certificate's common name: 1 to 55 of A-Z a-z 0-9 _ . @ -",
    try: name.replaceAll(/[^a-zA-Z0-9_.@-]/g, "-").slice(0, 55) || "operator",
  });
}

function checkedHost(name: string): string {
  if (isHostName(name) && name.length <= 64) return name;
  throw new CodedError("INVALID_NAME", {
    message: `${JSON.stringify(name)} is not a host name of at most 64 characters`,
    try: "give the name that clients connect to, e.g. registry.lab",
  });
}
