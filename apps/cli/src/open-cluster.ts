import { randomUUID, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createHttpsAgentReader, systemClock, type OpenCluster } from "@quarterdeck/commands";
import { connectEtcd } from "@quarterdeck/etcd";
import { CodedError, principalSchema, type Principal } from "@quarterdeck/model";
import { probeEndpoints } from "./probe-endpoints.ts";
import { readContext, type ClusterAccess } from "./read-context.ts";
import { readInput } from "./read-input.ts";
import { readUnitFile } from "./read-unit-file.ts";
import { requireLab } from "./require-lab.ts";
import type { Terminal } from "./terminal.ts";

type OpenOptions = { readonly contextName: string | null; readonly terminal: Terminal };

/**
 * Connects to a cluster as its context says.
 *
 * @throws {CodedError} UNREACHABLE within 3 s · NOT_FOUND · INVALID_CONFIG · INVALID_CERTIFICATE
 */
export async function openCluster({ contextName, terminal }: OpenOptions, signal: AbortSignal): Promise<OpenCluster> {
  const access = await readContext(contextName, terminal.environment);
  await requireLab(access, signal);
  await probeEndpoints(access, signal);
  return connectCluster(access, terminal, signal);
}

/**
 * The same without looking first whether anybody is there.
 * @throws {CodedError} INVALID_CONFIG · INVALID_CERTIFICATE
 */
export async function connectCluster(
  access: ClusterAccess,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<OpenCluster> {
  const principal = access.principal ?? (await principalOf(access));
  const etcd = await connectEtcd(
    { endpoints: access.endpoints, tls: access.tls, prefix: access.prefix, callTimeoutMs: 2500 },
    signal,
  );
  return {
    context: {
      etcd,
      principal,
      slack: null,
      surface: "terminal",
      cluster: { name: access.name, endpoints: access.endpoints, hint: access.hint },
      clusterCa: () => readFile(access.tls.ca, "utf8"),
      agent: createHttpsAgentReader(access.tls),
      clock: systemClock,
      newId: () => randomUUID().replaceAll("-", ""),
      readUnitFile: (path) => readUnitFile(terminal.workingDirectory, path),
      openSsh: async (target, until) => (await import("./open-ssh.ts")).openSsh(target, access.ssh, until),
      readInput: (until) => readInput(terminal.stdin, until),
      ...(terminal.ask === null ? {} : { confirm: terminal.ask }),
    },
    [Symbol.asyncDispose]: () => etcd[Symbol.asyncDispose](),
  };
}

async function principalOf(access: ClusterAccess): Promise<Principal> {
  const { cert } = access.tls;
  try {
    const name = /^CN=(.+)$/m.exec(new X509Certificate(await readFile(cert)).subject)?.[1];
    return principalSchema.parse(name);
  } catch (error) {
    throw new CodedError(
      "INVALID_CERTIFICATE",
      {
        message: `${cert} does not say who we are`,
        why: error instanceof Error ? error.message : String(error),
        try: "run it as root on the machine",
      },
      { cause: error },
    );
  }
}
