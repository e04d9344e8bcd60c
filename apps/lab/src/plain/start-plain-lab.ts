import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { CodedError } from "@quarterdeck/model";
import { accessControl } from "../access-control.ts";
import { ensureBinary } from "../binary.ts";
import { watchCluster, type ClusterWatch } from "../cluster-watch.ts";
import { startControlServer } from "../control-server.ts";
import { ensureEtcd, ETCD_SOURCES } from "../etcd-binary/ensure-etcd.ts";
import { findOnPath } from "../etcd-binary/etcd-on-path.ts";
import { awaitMember } from "../etcd-members.ts";
import { openIdentities, type Identities } from "../identities.ts";
import { LabEvents } from "../lab-events.ts";
import { labFailed } from "../lab-failed.ts";
import type { LabOptions } from "../lab-options.ts";
import { openLabState, type LabState } from "../lab-state.ts";
import { writeLocalContext } from "../local-context.ts";
import { etcdEndpoints, machineAddress, machineConfig, PREFIX, type ClusterPlan } from "../machine-config.ts";
import { readRecords } from "../machine/machine-record.ts";
import { addressIn } from "../network/subnet.ts";
import { publishUnits } from "../publish-units.ts";
import type { RunningLab } from "../running-lab.ts";
import { startSandbox } from "../sandbox-process.ts";
import { localSeed } from "../seed.ts";
import { plainBanner } from "./banner.ts";
import { endMarked, markedProcesses } from "./marked-processes.ts";
import { PlainLab } from "./plain-lab.ts";
import type { PlainMachine } from "./plain-machine.ts";
import { PLAIN_SUBNET } from "./plain-subnet.ts";

const JOIN_MS = 90_000;

/**
 * The whole cluster on plain processes, for where machines cannot run; `why` is said to people. The home's lock is held by the caller.
 * @throws {CodedError} CONFLICT when another lab has the addresses; LAB_FAILED
 */
export async function startPlainLab(options: LabOptions, why: string, signal: AbortSignal): Promise<RunningLab> {
  await using undo = new AsyncDisposableStack();
  const { home, progress } = options;
  for (const line of plainBanner(why)) progress.say(line);
  requirePrograms(process.env);
  undo.defer(() => endLeftovers(options));
  if ((await markedProcesses(home.machines)).length > 0) {
    progress.say("ending what an earlier run left behind");
    await endMarked(home.machines, 0);
  }
  const etcd = await ensureEtcd({ home, progress, environment: process.env }, ETCD_SOURCES, signal);
  const binary = options.runs === "all" ? await ensureBinary(home, progress, signal) : null;
  const state = await openLabState(home, options.machines, [], PLAIN_SUBNET);
  const bridgeAddress = addressIn(state.subnet, 1);
  const identities = await openIdentities(home, bridgeAddress, new Date());
  const plan = await planCluster(options, { state, identities, version: binary?.version ?? null });
  await requireFree(machineAddress(state, 1), 2379);

  const endpoints = etcdEndpoints(state);
  const connection = { endpoints, tls: { ca: identities.ca, ...identities.root } };
  const access = accessControl(home, connection, PREFIX);
  const events = new LabEvents();
  let cluster: ClusterWatch | null = null;
  const lab: PlainLab = new PlainLab({
    site: {
      machines: home.machines,
      etcd,
      binary,
      addressOf: (number) => machineAddress(state, number),
      configOf: (record) => machineConfig(record, plan),
      changed: () => events.publish({ type: "machines", machines: lab.list() }),
    },
    events,
    awaitJoined: (machine, joinSignal) => awaitJoined(machine, { identities, cluster }, joinSignal),
    admit: (record, admitSignal) => access.admit([record], [], admitSignal),
  });
  undo.defer(() => lab.stopAll());
  await lab.populate(await readRecords(home.machines), { machines: options.machines, members: state.members });
  undo.use(await startControlServer(home.controlSocket, lab, signal));

  await progress.step(`start of ${lab.machines().length} machines`, async () => {
    const first = !access.isOn();
    await Promise.all(lab.machines().map((machine) => machine.boot(first)));
    await Promise.all(lab.machines().map((machine) => awaitEtcd(machine, identities, signal)));
    const records = lab.machines().map(({ record }) => record);
    await access.admit(records, [identities.operator.name], signal);
    if (first) await Promise.all(lab.machines().map((machine) => machine.release()));
  });
  await writeLocalContext(home, identities, endpoints);
  // Before the bots come, so that their first attempt succeeds.
  if (options.port !== null && options.slack === null)
    undo.use(await startSandbox({ home, state, port: options.port, bridgeAddress, cgroupEntries: [] }, signal));
  if (binary !== null) {
    cluster = undo.use(await watchCluster({ ...connection, prefix: PREFIX }, progress.say, signal));
    undo.use(publishUnits(cluster, events));
  }
  await progress.step("agents join", () =>
    Promise.all(lab.machines().map((machine) => awaitJoined(machine, { identities, cluster }, signal))),
  );
  const all = undo.move();
  return { lab, endpoints, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

type PlanParts = { readonly state: LabState; readonly identities: Identities; readonly version: string | null };

async function planCluster(options: LabOptions, { state, identities, version }: PlanParts): Promise<ClusterPlan> {
  const apiUrl = `http://${addressIn(state.subnet, 1)}:${options.port ?? 4646}/api/`;
  return {
    state,
    identities,
    version,
    dns: [],
    sshKey: null,
    slack: options.slack ?? { botToken: state.botToken, appToken: state.appToken, apiUrl },
    seed: version === null ? null : await localSeed(identities.operator.principal, "processes"),
  };
}

async function endLeftovers({ home }: LabOptions): Promise<void> {
  await endMarked(home.machines, 0);
  await rm(home.controlSocket, { force: true });
}

async function awaitEtcd(machine: PlainMachine, identities: Identities, signal: AbortSignal): Promise<void> {
  if (machine.record.role !== "etcd") return;
  if (!(await awaitMember(`https://${machine.address}:2379`, identities, JOIN_MS, signal)))
    throw late(machine, "etcd", "its etcd member is not healthy");
}

async function awaitJoined(
  machine: PlainMachine,
  { identities, cluster }: { readonly identities: Identities; readonly cluster: ClusterWatch | null },
  signal: AbortSignal,
): Promise<void> {
  await awaitEtcd(machine, identities, signal);
  if (cluster !== null && !(await cluster.awaitPresence(machine.record.machine, machine.bootedAt, JOIN_MS, signal)))
    throw late(machine, "agent", "its agent is not present in etcd");
  machine.markJoined();
}

function late(machine: PlainMachine, role: string, why: string): Error {
  return labFailed(`${machine.name} started but has not joined`, {
    why: `${why} after ${JOIN_MS / 1000} s`,
    try: `read ${machine.root}/var/log/${role}.log`,
  });
}

/** All that is needed of the system beyond what brought this program here; every Debian has it. @throws {CodedError} LAB_UNSUPPORTED */
function requirePrograms(environment: NodeJS.ProcessEnv): void {
  if (findOnPath("setpriv", environment["PATH"]) !== null) return;
  throw new CodedError("LAB_UNSUPPORTED", {
    message: "setpriv is not on PATH",
    why: "it ties the lab's processes to the lab",
    try: "apt-get install -y util-linux",
  });
}

/** Machines of plain processes have the same addresses in every lab, so there is one such lab at a time. */
function requireFree(address: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (cause) =>
      fail(
        new CodedError(
          "CONFLICT",
          {
            message: `${address}:${port} is in use`,
            why: `another lab on plain processes runs on this computer (${cause.message})`,
            try: "stop it first; its Ctrl-C ends all its processes",
          },
          { cause },
        ),
      ),
    );
    server.listen(port, address, () => server.close(() => done()));
  });
}
