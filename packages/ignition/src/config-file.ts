import { stringify } from "smol-toml";
import type { EtcdMachine, WorkerMachine } from "./options.ts";
import { PATHS } from "./paths.ts";
import type { IgnitionFile } from "./spec.ts";
import { textFile } from "./text-file.ts";

/** `quarterdeck.toml`, read by every role on the machine; its schema is `configSchema` of the model. */
export function configFile(machine: WorkerMachine, engine: EtcdMachine["engine"] | null): IgnitionFile {
  const { address } = machine.network;
  const config = {
    machine: {
      hostname: machine.hostname,
      ...(address === undefined ? {} : { address }),
      zone: machine.zone,
      metadata: machine.metadata,
    },
    etcd: {
      endpoints: [...machine.etcdEndpoints],
      ...(machine.etcdPrefix === undefined ? {} : { prefix: machine.etcdPrefix }),
    },
    pki: { dir: PATHS.pki },
    agent: {
      port: machine.agent.port,
      lease_ttl_seconds: machine.agent.leaseTtlSeconds,
      fleet_api: machine.agent.fleetApi,
    },
    ...(machine.bot.channel === undefined ? {} : { bot: { channel: machine.bot.channel } }),
    ...(engine === null ? {} : { engine: engineKeys(engine) }),
    ...(machine.registryCa === undefined ? {} : { registry: { ca: registryCaPath(machine.registryCa.host) } }),
  };
  return textFile(PATHS.config, `${stringify(config)}`);
}

function engineKeys(engine: EtcdMachine["engine"]): Readonly<Record<string, number | boolean>> {
  return {
    port: engine.port,
    grace_seconds: engine.graceSeconds,
    ...(engine.fleetLock
      ? {
          fleet_lock: true,
          fleet_lock_slots: engine.fleetLockSlots,
          fleet_lock_overdue_minutes: engine.fleetLockOverdueMinutes,
        }
      : {}),
  };
}

/** Where Docker looks for the CA of one registry. */
export function registryCaPath(host: string): string {
  return `${PATHS.dockerCertificates}/${host}/ca.crt`;
}
