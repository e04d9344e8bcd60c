import {
  etcdMachine,
  renderIgnition,
  workerMachine,
  type EtcdMachineOptions,
  type IgnitionConfig,
  type WorkerMachineOptions,
} from "@quarterdeck/ignition";
import type { Identities } from "./identities.ts";
import type { LabState } from "./lab-state.ts";
import { machineName, type MachineRecord } from "./machine/machine-record.ts";
import { addressIn } from "./network/subnet.ts";

/** Where the cluster's keys begin in etcd. */
export const PREFIX = "/quarterdeck/";

/** What the first leading engine commits when etcd holds no policy. */
export type Seed = NonNullable<EtcdMachineOptions["seed"]>;

/** All that goes into the machines' configs besides the machine itself. */
export type ClusterPlan = {
  readonly state: LabState;
  readonly identities: Identities;
  /** Directory name of the binary below /opt/quarterdeck; null: machines have etcd alone, no agent and no engine. */
  readonly version: string | null;
  /** null: nobody comes in by SSH. */
  readonly sshKey: string | null;
  readonly dns: readonly string[];
  readonly slack: NonNullable<WorkerMachineOptions["slack"]>;
  readonly seed: Seed | null;
};

/** Machine m<N> has number 10 + N of the subnet; the bridge, which is the host, has number 1. */
export function machineAddress(state: LabState, number: number): string {
  return addressIn(state.subnet, 10 + number);
}

export function etcdEndpoints(state: LabState): readonly string[] {
  return members(state).map((number) => `https://${machineAddress(state, number)}:2379`);
}

/** The Ignition config of one machine, built by the very functions that make EC2's, as canonical JSON. */
export async function machineConfig(record: MachineRecord, plan: ClusterPlan): Promise<string> {
  const { state, identities } = plan;
  const address = machineAddress(state, record.number);
  const bridge = addressIn(state.subnet, 1);
  const common: WorkerMachineOptions = {
    hostname: machineName(record),
    network: { kind: "static", address, prefixLength: state.subnet.bits, gateway: bridge, dns: plan.dns },
    // Numbers beyond those that exist cost nothing and let `lab add` leave running machines alone.
    hosts: [
      { address: bridge, names: ["registry.lab"] },
      ...Array.from({ length: 99 }, (_, index) => ({
        address: machineAddress(state, index + 1),
        names: [`m${index + 1}`],
      })),
    ],
    metadata: { role: "worker" },
    version: plan.version ?? "none",
    etcdEndpoints: etcdEndpoints(state),
    agent: { fleetApi: true },
    bot: { channel: "ops" },
    journal: { maxMiB: 64 },
    pki: { ca: identities.ca, peerCa: identities.peerCa, identities: await identities.ofMachine(record, address) },
    registryCa: { host: "registry.lab:5000", ca: identities.ca },
    sshAuthorizedKeys: plan.sshKey === null ? [] : [plan.sshKey],
    slack: plan.slack,
  };
  if (record.role === "worker") return renderConfig(workerMachine(common), plan);
  return renderConfig(
    etcdMachine({
      ...common,
      schedulable: true,
      engine: { fleetLock: true },
      member: {
        name: machineName(record),
        state: "new",
        initialCluster: members(state).map((number) => ({
          name: `m${number}`,
          peerUrl: `https://${machineAddress(state, number)}:2380`,
        })),
      },
      // All members are on one computer: a round trip takes microseconds, and a killed leader should be missed for half a second only.
      etcd: { heartbeatMs: 50, electionMs: 500 },
      ...(plan.seed === null ? {} : { seed: plan.seed }),
    }),
    plan,
  );
}

function renderConfig(config: IgnitionConfig, plan: ClusterPlan): string {
  if (plan.version !== null) return renderIgnition(config);
  // Without the binary its services would only restart for ever.
  const units = config.systemd?.units?.filter(({ name }) => !/^quarterdeck-(agent|engine)\.service$/.test(name)) ?? [];
  return renderIgnition({ ...config, systemd: { ...config.systemd, units } });
}

function members(state: LabState): readonly number[] {
  return Array.from({ length: state.members }, (_, index) => index + 1);
}
