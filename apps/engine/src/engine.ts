import {
  AUDIT_TAIL,
  keys,
  versionWarnings,
  type AuditSigner,
  type EtcdClient,
  type Mirror,
  type Snapshot,
  type Term,
} from "@quarterdeck/etcd";
import { CodedError, problemOf, type Leader } from "@quarterdeck/model";
import { createAuditDesk } from "./audit-desk.ts";
import { createClusterDeriver } from "./cluster-deriver.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { createHealthDesk } from "./health-desk.ts";
import { leadTerm } from "./lead-term.ts";
import { createLossWatch, type LossLimits, type LossWatch } from "./loss-watch.ts";
import type { SeedContent } from "./plan-seed.ts";
import type { Clock, EngineLog, ImageRegistry } from "./ports.ts";
import { createRegistryDesk } from "./registry-desk.ts";
import { createAuditStage, type AuditLimits } from "./stage-audit.ts";
import { createGarbageStage } from "./stage-garbage.ts";
import { createMachineStage } from "./stage-machines.ts";
import { createRebootStage, type RebootLimits } from "./stage-reboots.ts";
import { createRelocationStage } from "./stage-relocations.ts";
import { createRequestStage } from "./stage-requests.ts";
import { createRolloutStage } from "./stage-rollouts.ts";
import { createScheduleStage } from "./stage-schedule.ts";
import { createSeedStage } from "./stage-seed.ts";
import type { Stage } from "./stage.ts";
import { createWake, type Wake } from "./wake.ts";
import { watchSilence } from "./watch-silence.ts";

/** Everything a leader decides from, and a standby keeps warm. Of the audit log that is the end, where it goes on. */
export const MIRRORED: readonly string[] = [
  "schedule/",
  "units/",
  "status/",
  "unit-files/",
  "agents/",
  "machines/",
  "requests/",
  "services/",
  "releases/",
  "rollouts/",
  "relocations/",
  "reboots/",
  "policy",
  "brake",
  "epoch",
  keys.auditExport().path,
  "engine/leader/",
  ...AUDIT_TAIL,
];

const RETRY_MS = 1_000;
/** How often an agent renews its lease, in a lease's time. */
const KEEP_ALIVES_PER_TTL = 3;

export type EngineParts = {
  readonly etcd: EtcdClient;
  readonly registry: ImageRegistry;
  /** Of the audit log. */
  readonly signer: AuditSigner;
  /** What of it stays. */
  readonly auditLimits: AuditLimits;
  /** PEM of the cluster's authority: what is built on in the audit log must be of one of its engines. */
  readonly clusterCa: () => Promise<string>;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Told whenever the role changes; the first time once etcd is reached. */
  readonly onRole: (role: "standby" | "leader") => void;
  readonly self: Omit<Leader, "v" | "since">;
  readonly seed: SeedContent | null;
  readonly limits: LossLimits;
  readonly rebootLimits: RebootLimits;
  /** What every engine serves beside its leading, from its mirror, until the signal aborts; null for nothing. */
  readonly serve: ((mirror: Snapshot, signal: AbortSignal) => Promise<void>) | null;
  /** How long a leader that fell silent keeps the others waiting. */
  readonly leaderTtlSeconds: number;
};

/**
 * One engine: a warm standby that stands for election, leads, and stands again when its term is lost, until the signal aborts;
 * then it resigns, so that another leads at once.
 */
export async function runEngine(parts: EngineParts, signal: AbortSignal): Promise<void> {
  await using mirror = await retrying(parts, () => parts.etcd.mirror(MIRRORED, signal), signal);
  const watch = createLossWatch(parts.limits);
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const watching = watchSilence({ mirror, watch, clock: parts.clock, limits: parts.limits }, ending).finally(() =>
    over.abort(),
  );
  const serving = serveTerms(parts, { mirror, watch }, ending).finally(() => over.abort());
  const beside = parts.serve?.(mirror, ending).finally(() => over.abort());
  await Promise.all([watching, serving, beside, warnOfVersions(parts, ending)]);
}

/** Every engine says it, in its own journal: an etcd that does not hold users to their keys makes all of our rules void. */
async function warnOfVersions({ etcd, log }: EngineParts, signal: AbortSignal): Promise<void> {
  try {
    for (const warning of await versionWarnings(etcd, signal)) log.warn({ warning }, "this etcd is not safe to use");
  } catch (error) {
    if (!signal.aborted) log.warn({ ...problemOf(error) }, "the versions of etcd cannot be read");
  }
}

type Standing = { readonly mirror: Mirror; readonly watch: LossWatch };

async function serveTerms(parts: EngineParts, standing: Standing, signal: AbortSignal): Promise<void> {
  const { etcd, log, clock } = parts;
  while (!signal.aborted) {
    parts.onRole("standby");
    const value: Leader = { v: 1, ...parts.self, since: formatTimestamp(clock.now()) };
    const options = { election: "engine/leader", value, ttlSeconds: parts.leaderTtlSeconds };
    try {
      await using term = await etcd.campaign(options, signal);
      parts.onRole("leader");
      log.info({ fence: String(term.fence) }, "leading");
      await lead(parts, { term, ...standing }, signal);
      if (!signal.aborted) log.warn({ fence: String(term.fence) }, "the term is over, standing for election again");
    } catch (error) {
      if (signal.aborted) return;
      await pauseOrThrow(parts, error, signal);
    }
  }
}

async function lead(
  parts: EngineParts,
  { term, mirror, watch }: Standing & { readonly term: Term },
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, signer } = parts;
  const wake = createWake(clock);
  const stages = createStages(parts, { watch, wake }, AbortSignal.any([signal, term.lost]));
  await leadTerm({ term, mirror, signer, stages, wake, clock, log }, signal);
}

type Senses = { readonly watch: LossWatch; readonly wake: Wake };

function createStages(
  { etcd, registry, log, clock, seed, self, limits, rebootLimits, auditLimits, clusterCa }: EngineParts,
  { watch, wake }: Senses,
  signal: AbortSignal,
): readonly Stage[] {
  const desk = createRegistryDesk(registry, () => wake.nudge(), signal);
  const auditDesk = createAuditDesk({ etcd, clusterCa, onAnswer: () => wake.nudge() }, signal);
  const healthDesk = createHealthDesk({ etcd, elapsed: () => clock.elapsed(), onAnswer: () => wake.nudge() }, signal);
  const derive = createClusterDeriver(watch, limits.ttlMs / KEEP_ALIVES_PER_TTL, log);
  return [
    createSeedStage(seed, log),
    createRequestStage({ desk, derive, log, self: self.machine }),
    createMachineStage(),
    createScheduleStage(derive, log),
    createRolloutStage(derive, log),
    createRelocationStage(derive),
    createRebootStage({ derive, desk: healthDesk, limits: rebootLimits }),
    createGarbageStage(),
    createAuditStage({ desk: auditDesk, limits: auditLimits, log }),
  ];
}

async function retrying<Value>(parts: EngineParts, attempt: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      await pauseOrThrow(parts, error, signal);
    }
  }
}

/** What etcd may get over by itself is waited for; the rest ends the process, and systemd starts a clean one. */
async function pauseOrThrow({ clock, log }: EngineParts, error: unknown, signal: AbortSignal): Promise<void> {
  if (!(error instanceof CodedError) || !error.retryable) throw error;
  log.warn({ ...problemOf(error) }, "etcd cannot be used now, trying again");
  await clock.wait(RETRY_MS, signal);
}
