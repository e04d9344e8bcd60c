import { stat } from "node:fs/promises";
import { systemClock, type Approach } from "@quarterdeck/commands";
import { CodedError, type Problem } from "@quarterdeck/model";
import { connectCluster } from "./open-cluster.ts";
import { readContext, type ClusterAccess } from "./read-context.ts";
import { requireLab } from "./require-lab.ts";
import type { Terminal } from "./terminal.ts";

type ApproachOptions = { readonly contextName: string | null; readonly terminal: Terminal };

/** The way to a cluster as its context says; a context that is broken is a finding. */
export async function readApproach({ contextName, terminal }: ApproachOptions): Promise<Approach> {
  try {
    return await approachFrom(await readContext(contextName, terminal.environment), terminal);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...NOWHERE, problem: error.problem, open: () => Promise.reject(error) };
  }
}

const NOWHERE = {
  source: "no context",
  warning: null,
  name: null,
  endpoints: [],
  tls: null,
  principal: null,
  clock: systemClock,
  lab: null,
} as const;

async function approachFrom(access: ClusterAccess, terminal: Terminal): Promise<Approach> {
  const { source, name, endpoints, tls, principal, lab } = access;
  return {
    source,
    problem: null,
    warning: await looseFile(source),
    name,
    endpoints,
    tls,
    principal,
    clock: systemClock,
    lab: lab === null ? null : (signal) => labProblem(access, signal),
    open: (signal) => connectCluster(access, terminal, signal),
  };
}

const WRITABLE_BY_OTHERS = 0o022;

/** Who can change a context can send us to another cluster. */
async function looseFile(path: string): Promise<Problem | null> {
  const { mode } = await stat(path);
  if ((mode & WRITABLE_BY_OTHERS) === 0) return null;
  return {
    code: "INVALID_CONFIG",
    message: `${path} can be changed by others (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
    why: "who changes it sends us to a cluster of their own",
    try: `chmod go-w ${path}`,
  };
}

async function labProblem(access: ClusterAccess, signal: AbortSignal): Promise<Problem | null> {
  try {
    await requireLab(access, signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CodedError) return error.problem;
    throw error;
  }
}
