import { randomUUID } from "node:crypto";
import { chmod, chown, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openFleetCluster, systemClock, type FleetCluster } from "@quarterdeck/commands/fleet";
import type { Logger } from "@quarterdeck/daemon";
import { connectEtcd } from "@quarterdeck/etcd";
import { principalSchema, type Config, type MachineId } from "@quarterdeck/model";
import type { FleetApi } from "./ports.ts";
import { RecentStops } from "./recent-stops.ts";
import { serveFleetApi, type FleetListener } from "./serve-fleet-api.ts";

export type OpenFleetApiOptions = {
  readonly config: Config;
  readonly machine: MachineId;
  /** The folder of the socket. */
  readonly run: string;
  readonly metrics: FleetApi["metrics"];
  readonly log: Logger;
};

/** fleet's API on `fleet.sock`, and on TCP where the config says so; it acts as `operator:api-<machine>`. */
export async function openFleetApi(
  { config, machine, run, metrics, log }: OpenFleetApiOptions,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  // Ended after the server, which may use what is in it until then.
  const connections = opened.use(new AsyncDisposableStack());
  let cluster: Promise<FleetCluster> | null = null;
  const connect = async (): Promise<FleetCluster> => {
    const file = (name: string) => join(config.pki.dir, name);
    const tls = { ca: file("ca.pem"), cert: file("api.pem"), key: file("api-key.pem") };
    const etcd = await connectEtcd({ endpoints: config.etcd.endpoints, tls, prefix: config.etcd.prefix }, signal);
    connections.use(etcd);
    const principal = principalSchema.parse(`operator:api-${machine}`);
    const newId = () => randomUUID().replaceAll("-", "");
    return connections.use(openFleetCluster({ etcd, principal, clock: systemClock, newId }));
  };
  const api: FleetApi = {
    cluster: () => {
      // Where nobody asks there is no second connection; one that failed is tried again.
      cluster ??= connect().catch((error: unknown) => {
        cluster = null;
        throw error;
      });
      return cluster;
    },
    stops: new RecentStops(() => performance.now()),
    metrics,
  };
  const socket: FleetListener = { kind: "socket", path: join(run, "fleet.sock"), secure: openToGroup };
  const listeners = [socket, ...config.agent.fleet_api_listen.map(parseListen)];
  opened.use(await serveFleetApi({ api, listeners, log }));
  log.info({ socket: socket.path, listen: config.agent.fleet_api_listen }, "fleet's API is served");
  return opened.move();
}

/** Of root and the group `quarterdeck`, which Ignition makes; where there is none it stays root's alone. */
async function openToGroup(path: string): Promise<void> {
  const groups = await readFile("/etc/group", "utf8");
  const id = /^quarterdeck:[^:]*:(\d+):/m.exec(groups)?.[1];
  if (id !== undefined) await chown(path, process.getuid?.() ?? 0, Number(id));
  await chmod(path, id === undefined ? 0o600 : 0o660);
}

/** `127.0.0.1:49153` or `[::1]:49153`; the config's schema has checked it. */
function parseListen(text: string): FleetListener {
  const colon = text.lastIndexOf(":");
  return { kind: "tcp", host: text.slice(0, colon).replaceAll(/[[\]]/g, ""), port: Number(text.slice(colon + 1)) };
}
