import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { readMachineId, runDaemon, type DaemonContext } from "@quarterdeck/daemon";
import { connectEtcd } from "@quarterdeck/etcd";
import { Agent } from "undici";
import { runEngine } from "./engine.ts";
import { createFileSigner } from "./file-signer.ts";
import { runFleetLock } from "./fleet-lock/run-fleet-lock.ts";
import { readSeed } from "./read-seed.ts";
import { absentRegistry } from "./registry/absent-registry.ts";
import { createOciRegistry } from "./registry/oci-registry.ts";
import { createSystemClock } from "./system-clock.ts";

const SEED_FOLDER = "/etc/quarterdeck/seed";
/** Not longer than an agent's lease, so that a machine that takes the leader with it is found lost as soon as any other. */
const LEADER_TTL_SECONDS = 5;

const DAY_MS = 86_400_000;

/** `quarterdeck engine`; resolves to the exit code. `QUARTERDECK_SEED` names another seed folder. */
export function main(_argv: readonly string[]): Promise<number> {
  return runDaemon("engine", serve);
}

async function serve({ config, log, notifier }: DaemonContext, signal: AbortSignal): Promise<void> {
  const pki = (name: string): string => join(config.pki.dir, name);
  const tls = { ca: pki("ca.pem"), cert: pki("engine.pem"), key: pki("engine-key.pem") };
  await using etcd = await connectEtcd({ endpoints: config.etcd.endpoints, tls, prefix: config.etcd.prefix }, signal);
  const signer = createFileSigner(tls, log);
  await using dispatcher = registryDispatcher(await registryAuthorities(config.registry.ca));
  const clock = createSystemClock();
  let ready = false;
  await runEngine(
    {
      etcd,
      signer,
      auditLimits: {
        keepEntries: config.engine.audit_keep_entries,
        keepMs: config.engine.audit_keep_days * DAY_MS,
      },
      clusterCa: () => readFile(tls.ca, "utf8"),
      registry:
        config.registry.unavailable === undefined
          ? createOciRegistry(dispatcher.agent)
          : absentRegistry(config.registry.unavailable),
      clock,
      log,
      onRole(role) {
        if (ready) notifier.status(role);
        else notifier.ready(role);
        ready = true;
      },
      self: { machine: await readMachineId(), hostname: config.machine.hostname },
      seed: await readSeed(process.env["QUARTERDECK_SEED"] ?? SEED_FOLDER),
      rebootLimits: {
        slots: config.engine.fleet_lock_slots,
        overdueSeconds: config.engine.fleet_lock_overdue_minutes * 60,
        etcdHosts: new Set(config.etcd.endpoints.map(hostOf)),
      },
      serve: config.engine.fleet_lock
        ? (mirror, ended) => runFleetLock({ config, tls, etcd, clock, log, mirror }, ended)
        : null,
      limits: { graceMs: config.engine.grace_seconds * 1000, ttlMs: config.agent.lease_ttl_seconds * 1000 },
      leaderTtlSeconds: LEADER_TTL_SECONDS,
    },
    signal,
  );
}

/** As machines name themselves: an IPv6 address without brackets. */
function hostOf(endpoint: string): string {
  return new URL(endpoint).hostname.replace(/^\[(.*)\]$/, "$1");
}

async function registryAuthorities(extra: string | undefined): Promise<readonly string[]> {
  return extra === undefined ? rootCertificates : [...rootCertificates, await readFile(extra, "utf8")];
}

function registryDispatcher(authorities: readonly string[]): AsyncDisposable & { readonly agent: Agent } {
  const agent = new Agent({ connect: { ca: [...authorities] } });
  return { agent, [Symbol.asyncDispose]: () => agent.destroy() };
}
