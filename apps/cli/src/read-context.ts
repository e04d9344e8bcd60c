import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { CodedError, parseConfig, principalSchema, type Principal } from "@quarterdeck/model";
import { z } from "zod";

/** Paths of a private key, and of the file that remembers the machines' own keys. */
export type SshFiles = { readonly key: string; readonly knownHosts: string };

/** How to reach a cluster, and as whom. */
export type ClusterAccess = {
  /** The file that says so. */
  readonly source: string;
  readonly name: string;
  readonly endpoints: readonly string[];
  readonly prefix: string;
  /** Paths of PEM files. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** `null`: whoever the certificate names. */
  readonly principal: Principal | null;
  /** How `ssh` opens its machines; `null`: as the user's own configuration has it. */
  readonly ssh: SshFiles | null;
  /** The control socket of the lab that the cluster lives in; `null` for a cluster of its own. */
  readonly lab: string | null;
  /** What to type when it does not answer. */
  readonly hint: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

const MACHINE_CONFIG = "/etc/quarterdeck/quarterdeck.toml";

const contextSchema = z.object({
  name: z.string(),
  endpoints: z.array(z.url()).min(1),
  prefix: z.string(),
  ca: z.string(),
  cert: z.string(),
  key: z.string(),
  user: principalSchema,
  transport: z.enum(["direct", "ssm", "ssh"]),
  lab: z.string().optional(),
  ssh: z.object({ key: z.string(), knownHosts: z.string() }).optional(),
});

/**
 * The context of that name (`local` unless one is named); on a machine of the cluster, where there is none, the machine's own config.
 *
 * @throws {CodedError} NOT_FOUND · INVALID_CONFIG · NOT_YET · UNREACHABLE when there is no cluster at all yet
 */
export async function readContext(name: string | null, environment: Environment): Promise<ClusterAccess> {
  const wanted = name ?? environment["QUARTERDECK_CONTEXT"] ?? "local";
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(wanted))
    throw new CodedError("INVALID_NAME", {
      message: `${JSON.stringify(wanted)} is not a context's name`,
      try: "--context local",
    });
  const path = join(homeOf(environment), "contexts", `${wanted}.json`);
  const text = await readOrNull(path);
  if (text !== null) return parseContext(text, path);
  if (name !== null)
    throw new CodedError("NOT_FOUND", {
      message: `there is no context ${wanted}`,
      why: `no file ${path}`,
      try: "npm start writes the context local",
    });
  const config = environment["QUARTERDECK_CONFIG"] ?? MACHINE_CONFIG;
  const machine = await readOrNull(config);
  if (machine !== null) return machineAccess(machine, config, environment);
  throw new CodedError("UNREACHABLE", {
    message: "there is no cluster here",
    why: `neither ${path} nor ${config} is there`,
    try: "npm start",
  });
}

/** `$QUARTERDECK_HOME`: all local state. */
function homeOf(environment: Environment): string {
  return environment["QUARTERDECK_HOME"] ?? join(environment["HOME"] ?? homedir(), ".local/share/quarterdeck");
}

function parseContext(text: string, path: string): ClusterAccess {
  const parsed = contextSchema.safeParse(parseJson(text, path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new CodedError("INVALID_CONFIG", {
      message: `${path}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`,
      try: "npm start writes the context local",
    });
  }
  const { name, endpoints, prefix, ca, cert, key, user, transport, lab, ssh } = parsed.data;
  if (transport !== "direct")
    throw new CodedError("NOT_YET", {
      message: `context ${name}: transport ${transport}: not yet`,
      try: "a context with transport direct",
    });
  return {
    source: path,
    name,
    endpoints,
    prefix,
    tls: { ca, cert, key },
    principal: user,
    ssh: ssh ?? null,
    lab: lab ?? null,
    hint: name === "local" ? "npm start" : "fleet status --context NAME",
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError(
      "INVALID_CONFIG",
      {
        message: `${path} is not JSON`,
        why: error instanceof Error ? error.message : String(error),
        try: "npm start writes the context local",
      },
      { cause: error },
    );
  }
}

function machineAccess(text: string, path: string, environment: Environment): ClusterAccess {
  const config = parseConfig(text, environment);
  if (!config.ok)
    throw new CodedError(config.error.code, { ...config.error, message: `${path}: ${config.error.message}` });
  const { etcd, pki, machine } = config.value;
  const file = (name: string): string => join(pki.dir, name);
  return {
    source: path,
    name: machine.hostname,
    endpoints: etcd.endpoints,
    prefix: etcd.prefix,
    tls: { ca: file("ca.pem"), cert: file("api.pem"), key: file("api-key.pem") },
    principal: null,
    ssh: null,
    lab: null,
    hint: "systemctl status quarterdeck-etcd.service",
  };
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new CodedError(
      "INVALID_CONFIG",
      { message: `${path} cannot be read`, why: String(code), try: "run it as the user whose file it is" },
      { cause: error },
    );
  }
}
