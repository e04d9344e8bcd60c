import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { problemOf } from "@quarterdeck/model";
import { ensureBaseImage } from "./base-image.ts";
import { Cables } from "./cables.ts";
import { startControlServer } from "./control-server.ts";
import { ensureDebianTools } from "./debian-tools.ts";
import { ensureEtcd, ETCD_SOURCES } from "./etcd-binary/ensure-etcd.ts";
import { enableAuth } from "./etcd-auth.ts";
import { deriveHostNames } from "./host-names.ts";
import { ensureHostPackages } from "./host-packages.ts";
import { openIdentities } from "./identities.ts";
import { awaitJoined } from "./join.ts";
import { LabEvents } from "./lab-events.ts";
import type { LabOptions } from "./lab-options.ts";
import { openLabState } from "./lab-state.ts";
import { Lab } from "./lab.ts";
import { writeLocalContext } from "./local-context.ts";
import { takeLock } from "./lock.ts";
import { etcdEndpoints, machineAddress, machineConfig, type ClusterPlan } from "./machine-config.ts";
import { cgroupEntries, createCgroup } from "./machine/cgroup.ts";
import { DATA_DIRS } from "./machine/disk.ts";
import { readRecords } from "./machine/machine-record.ts";
import type { MachineSite } from "./machine/machine-site.ts";
import { openMountSpace } from "./machine/mount-space.ts";
import { createBridge } from "./network/bridge.ts";
import { openEgress, readNameServers } from "./network/egress.ts";
import { openHostFirewall } from "./network/host-firewall.ts";
import { addressIn } from "./network/subnet.ts";
import { readUsedSubnets } from "./network/used-subnets.ts";
import { probeHost, unsupported } from "./probe.ts";
import { startRegistry } from "./registry/registry-process.ts";
import { hasSandbox, startSandbox } from "./sandbox-process.ts";
import { ensureSshKey } from "./ssh-key.ts";
import { hasLeftovers, removeHostObjects } from "./teardown.ts";

/** A running lab; disposing it powers the machines off and leaves nothing of it on the host but its home. */
export type RunningLab = AsyncDisposable & { readonly lab: Lab; readonly endpoints: readonly string[] };

/**
 * Brings a whole local cluster up and returns once every machine has joined.
 * @throws {CodedError} ALREADY_RUNNING, LAB_UNSUPPORTED, LAB_FAILED, CONFLICT
 */
export async function startLab(options: LabOptions, signal: AbortSignal): Promise<RunningLab> {
  await using undo = new AsyncDisposableStack();
  const { home, progress } = options;
  const names = deriveHostNames(home.root);
  const never = new AbortController().signal;
  undo.use(await takeLock(home.lock));
  await mkdir(home.run, { recursive: true });
  await ensureHostPackages(progress, signal);
  const host = await probeHost(home.run, names.tag, signal);
  if (!host.ok) throw unsupported(host.reasons);
  if (await hasLeftovers(names, host.cgroups)) progress.say("removing what an earlier run left behind");
  await removeHostObjects(home, names, host.cgroups, signal);
  undo.defer(() => removeHostObjects(home, names, host.cgroups, never));

  // The three slow things do not need each other.
  const [tools, etcd] = await Promise.all([
    ensureDebianTools(home, signal),
    ensureEtcd({ home, progress, environment: process.env }, ETCD_SOURCES, signal),
    ensureBaseImage(home, progress, signal),
  ]);
  const state = await openLabState(home, options.machines, await readUsedSubnets(names.bridge, signal));
  const bridgeAddress = addressIn(state.subnet, 1);
  const identities = await openIdentities(home, bridgeAddress, new Date());
  progress.say(`as root: network ${names.bridge} (${bridgeAddress}/${state.subnet.bits}), control group ${names.tag}; both gone again at the end`);
  await createBridge(names.bridge, state.subnet, signal);
  await openHostFirewall(names.bridge, signal);
  if (options.egress) await openEgress(names.tag, names.bridge, state.subnet, signal);
  const services = `${names.tag}/services`;
  await createCgroup(host.cgroups, services);
  const serviceEntries = cgroupEntries(host.cgroups, services);

  const space = undo.use(await openMountSpace(serviceEntries));
  const cables = new Cables(names);
  const events = new LabEvents();
  const plan: ClusterPlan = {
    ...{ state, identities, version: options.binary?.version ?? null, sshKey: await ensureSshKey(home, signal) },
    dns: options.egress ? await readNameServers() : [],
    slack: options.slack ?? { botToken: state.botToken, appToken: state.appToken, apiUrl: `http://${bridgeAddress}:${options.port}/api/` },
    seed: options.seed,
  };
  const binds: [string, string][] = [[etcd.dir, "/opt/etcd"]];
  if (options.binary !== null) binds.push([options.binary.dir, `/opt/quarterdeck/${options.binary.version}`]);
  const site: MachineSite = {
    ...{ home, names, cgroups: host.cgroups, space, tools, readOnlyBinds: new Map(binds) },
    bindsOf: (disk) => new Map(Object.entries(DATA_DIRS).map(([name, path]) => [join(disk.dir, name), path])),
    addressOf: (number) => machineAddress(state, number),
    configOf: (record) => machineConfig(record, plan),
    setCable: (link, plugged, cableSignal) => cables.plug(link, plugged, cableSignal),
    changed: () => events.publish({ type: "machines", machines: lab.list() }),
    report: (error) => progress.say(problemOf(error).message),
  };
  const endpoints = etcdEndpoints(state);
  const access = { etcd, endpoints, pki: home.pki };
  const lab = new Lab({ site, cables, events, awaitJoined: (machine, joinSignal) => awaitJoined(machine, identities, joinSignal), admit: async () => undefined });
  undo.defer(() => lab.stopAll());
  lab.adopt(await readRecords(home.machines));
  for (let number = lab.list().length + 1; number <= Math.max(options.machines, state.members); number++) await lab.create(number <= state.members ? "etcd" : "worker", signal);

  const registry = startRegistry({ home, tools, identities, address: bridgeAddress, cgroupEntries: serviceEntries }, signal);
  const machines = progress.step(`${lab.list().length} machines boot`, () => lab.bootAll(signal));
  undo.use(await settleBoth(registry, machines));
  await enableAuth(access, signal);
  await writeLocalContext(home, identities, endpoints);
  undo.use(await startControlServer(home.controlSocket, lab, signal));
  if (options.port !== null && options.slack === null && hasSandbox())
    undo.use(await startSandbox({ home, state, port: options.port, bridgeAddress, cgroupEntries: serviceEntries }, signal));
  const all = undo.move();
  return { lab, endpoints, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Waits for both even if one fails, so that nothing goes on in the background while we clean up. */
async function settleBoth<First>(first: Promise<First>, second: Promise<unknown>): Promise<First> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (two.status === "rejected") throw two.reason;
  if (one.status === "rejected") throw one.reason;
  return one.value;
}
