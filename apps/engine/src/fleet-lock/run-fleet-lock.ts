import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { EtcdClient, Snapshot, TlsMaterial } from "@quarterdeck/etcd";
import type { Config } from "@quarterdeck/model";
import type { Clock, EngineLog } from "../ports.ts";
import { answerQuestion } from "./answer-question.ts";
import { createMachineFinder } from "./find-machine.ts";
import { serveFleetLock } from "./serve-fleet-lock.ts";

export type FleetLockRun = {
  readonly config: Pick<Config, "agent" | "engine" | "machine">;
  /** Paths of PEM files. */
  readonly tls: TlsMaterial;
  readonly etcd: EtcdClient;
  /** Holds `machines/`. */
  readonly mirror: Snapshot;
  readonly clock: Clock;
  readonly log: EngineLog;
};

/** Answers machines on the engine's port until the signal aborts, in either role. */
export async function runFleetLock(
  { config, tls, etcd, mirror, clock, log }: FleetLockRun,
  signal: AbortSignal,
): Promise<void> {
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map((path) => readFile(path, "utf8")));
  const parts = { etcd, clock, findMachine: createMachineFinder(mirror) };
  await using server = await serveFleetLock({
    port: config.engine.port,
    // Engines that share a computer as plain processes have an address each.
    address: config.agent.unit_manager === "process" ? config.machine.address : null,
    tls: { ca: ca ?? "", cert: cert ?? "", key: key ?? "" },
    answer: (asked, gone) => answerQuestion(parts, asked, AbortSignal.any([gone, signal])),
    log,
  });
  log.info({ port: server.port }, "answers FleetLock");
  if (!signal.aborted) await once(signal, "abort");
}
