import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { problemOf } from "@quarterdeck/model";
import { accessControl } from "./access-control.ts";
import { Cables } from "./cables.ts";
import { chooseGround } from "./choose-ground.ts";
import { watchCluster, type ClusterWatch } from "./cluster-watch.ts";
import { startControlServer } from "./control-server.ts";
import { releaseServices } from "./held-services.ts";
import { deriveHostNames } from "./host-names.ts";
import { openIdentities } from "./identities.ts";
import { awaitEtcd, awaitJoined } from "./join.ts";
import { LabEvents } from "./lab-events.ts";
import type { LabOptions } from "./lab-options.ts";
import { openLabState } from "./lab-state.ts";
import { Lab } from "./lab.ts";
import { writeLocalContext } from "./local-context.ts";
import { takeLock } from "./lock.ts";
import { etcdEndpoints, machineAddress, machineConfig, PREFIX, type ClusterPlan } from "./machine-config.ts";
import { cgroupEntries, createCgroup } from "./machine/cgroup.ts";
import { DATA_DIRS } from "./machine/disk.ts";
import { readRecords } from "./machine/machine-record.ts";
import type { MachineSite } from "./machine/machine-site.ts";
import { openMountSpace } from "./machine/mount-space.ts";
import { addressIn, renderSubnet } from "./network/subnet.ts";
import { readUsedSubnets } from "./network/used-subnets.ts";
import { openNetwork } from "./open-network.ts";
import { startPlainLab } from "./plain/start-plain-lab.ts";
import { gatherIngredients } from "./prepare-host.ts";
import { publishUnits } from "./publish-units.ts";
import { startRegistry } from "./registry/registry-process.ts";
import type { RunningLab } from "./running-lab.ts";
import { startSandbox } from "./sandbox-process.ts";
import { localSeed } from "./seed.ts";
import { ensureSshKey } from "./ssh-key.ts";
import { removeHostObjects } from "./teardown.ts";

/**
 * Brings a whole local cluster up, on plain processes where machines cannot run, and returns once every machine has joined.
 * @throws {CodedError} ALREADY_RUNNING, LAB_FAILED, CONFLICT, USAGE
 */
export async function startLab(options: LabOptions, signal: AbortSignal): Promise<RunningLab> {
  await using undo = new AsyncDisposableStack();
  const { home, progress } = options;
  const names = deriveHostNames(home.root);
  undo.use(await takeLock(home.lock));
  await mkdir(home.run, { recursive: true });
  const ground = await chooseGround(options, names, process.env, signal);
  if (ground.kind === "plain") {
    const plain = undo.use(await startPlainLab(options, ground.why, signal));
    const all = undo.move();
    return { ...plain, [Symbol.asyncDispose]: () => all.disposeAsync() };
  }
  const { cgroups } = ground;
  undo.defer(() => removeHostObjects(home, names, cgroups, new AbortController().signal));
  const { tools, etcd, binary } = await gatherIngredients(options, signal);

  const state = await openLabState(home, options.machines, await readUsedSubnets(names.bridge, signal));
  const bridgeAddress = addressIn(state.subnet, 1);
  const identities = await openIdentities(home, bridgeAddress, new Date());
  progress.say(
    `as root: network ${names.bridge} (${renderSubnet(state.subnet)}), control group ${names.tag}; both gone again at the end`,
  );
  const dns = await openNetwork(names, state, options.egress, signal);
  const services = `${names.tag}/services`;
  await createCgroup(cgroups, services);
  const entries = cgroupEntries(cgroups, services);
  const space = undo.use(await openMountSpace(entries));

  const plan: ClusterPlan = {
    state,
    identities,
    dns,
    version: binary?.version ?? null,
    sshKey: await ensureSshKey(home, signal),
    slack: options.slack ?? {
      botToken: state.botToken,
      appToken: state.appToken,
      apiUrl: `http://${bridgeAddress}:${options.port ?? 4646}/api/`,
    },
    seed: binary === null ? null : await localSeed(identities.operator.principal),
  };
  const endpoints = etcdEndpoints(state);
  const connection = { endpoints, tls: { ca: identities.ca, ...identities.root } };
  const access = accessControl(home, connection, PREFIX);
  const events = new LabEvents();
  const cables = new Cables(names);
  const site: MachineSite = {
    home,
    names,
    cgroups,
    space,
    tools,
    readOnlyBinds: new Map([
      [etcd.dir, "/opt/etcd"],
      ...(binary === null ? [] : [[binary.dir, `/opt/quarterdeck/${binary.version}`] as const]),
    ]),
    bindsOf: (disk) => new Map(Object.entries(DATA_DIRS).map(([name, path]) => [join(disk.dir, name), path])),
    addressOf: (number) => machineAddress(state, number),
    configOf: (record) => machineConfig(record, plan),
    setCable: (link, plugged, cableSignal) => cables.plug(link, plugged, cableSignal),
    changed: () => events.publish({ type: "machines", machines: lab.list() }),
    report: (error) => events.publish({ type: "log", line: problemOf(error).message }),
  };
  let cluster: ClusterWatch | null = null;
  const lab: Lab = new Lab({
    site,
    cables,
    events,
    awaitJoined: (machine, joinSignal) => awaitJoined(machine, { identities, cluster }, joinSignal),
    admit: (record, admitSignal) => access.admit([record], [], admitSignal),
  });
  const hostProcesses: AsyncDisposable[] = [];
  undo.defer(async () => {
    await Promise.all([lab.stopAll(), ...hostProcesses.map((each) => each[Symbol.asyncDispose]())]);
  });
  await lab.populate(await readRecords(home.machines), { machines: options.machines, members: state.members }, signal);

  // From here on `lab` works, also to look into a machine that does not come up.
  undo.use(await startControlServer(home.controlSocket, lab, signal));
  const registry = startRegistry({ home, tools, identities, address: bridgeAddress, cgroupEntries: entries }, signal);
  const machines = progress.step(`boot of ${lab.machines().length} machines`, async () => {
    const first = !access.isOn();
    await lab.powerOnAll(first, signal);
    await Promise.all(lab.machines().map((machine) => awaitEtcd(machine, identities, signal)));
    await access.admit(
      lab.machines().map(({ record }) => record),
      [identities.operator.name],
      signal,
    );
    if (first && binary !== null) await Promise.all(lab.machines().map((machine) => releaseServices(machine, signal)));
  });
  await writeLocalContext(home, identities, endpoints);
  hostProcesses.push(await settleBoth(registry, machines));
  // Before the bots come, so that their first attempt succeeds.
  if (options.port !== null && options.slack === null)
    hostProcesses.push(
      await startSandbox({ home, state, port: options.port, bridgeAddress, cgroupEntries: entries }, signal),
    );
  if (binary !== null) {
    cluster = undo.use(await watchCluster({ ...connection, prefix: PREFIX }, progress.say, signal));
    undo.use(publishUnits(cluster, events));
  }
  await progress.step("agents join", () => lab.awaitAllJoined(signal));
  const all = undo.move();
  return { lab, endpoints, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Waits for both even if one fails, so that nothing goes on in the background while we clean up. */
async function settleBoth<First extends AsyncDisposable>(
  first: Promise<First>,
  second: Promise<unknown>,
): Promise<First> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (two.status === "rejected") {
    if (one.status === "fulfilled") await one.value[Symbol.asyncDispose]();
    throw two.reason;
  }
  if (one.status === "rejected") throw one.reason;
  return one.value;
}
