import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { EtcdClient, Snapshot, TlsMaterial } from "@quarterdeck/etcd";
import { problemOf, type Config } from "@quarterdeck/model";
import type { Clock, EngineLog } from "../ports.ts";
import { answerQuestion } from "./answer-question.ts";
import { createMachineFinder } from "./find-machine.ts";
import { serveFleetLock } from "./serve-fleet-lock.ts";

export type FleetLockRun = {
  readonly config: Pick<Config, "engine" | "machine">;
  /** Paths of PEM files. */
  readonly tls: TlsMaterial;
  readonly etcd: EtcdClient;
  /** Holds `machines/`. */
  readonly mirror: Snapshot;
  readonly clock: Clock;
  readonly log: EngineLog;
};

const RETRY_MS = 10_000;

/**
 * Answers machines on this machine's address and the engine's port until the signal aborts, in either role. A port that cannot be had is said and
 * tried again: nobody reboots meanwhile, and that is no reason to place no units.
 */
export async function runFleetLock(
  { config, tls, etcd, mirror, clock, log }: FleetLockRun,
  signal: AbortSignal,
): Promise<void> {
  const parts = { etcd, clock, findMachine: createMachineFinder(mirror) };
  while (!signal.aborted) {
    try {
      const [ca = "", cert = "", key = ""] = await Promise.all(
        [tls.ca, tls.cert, tls.key].map((path) => readFile(path, "utf8")),
      );
      await using server = await serveFleetLock({
        port: config.engine.port,
        address: config.machine.address,
        tls: { ca, cert, key },
        answer: (asked, gone) => answerQuestion(parts, asked, AbortSignal.any([gone, signal])),
        log,
      });
      log.info({ address: config.machine.address, port: server.port }, "answers FleetLock");
      if (!signal.aborted) await once(signal, "abort");
    } catch (error) {
      log.error(
        { address: config.machine.address, port: config.engine.port, ...problemOf(error) },
        "FleetLock cannot be answered, trying again",
      );
      await clock.wait(RETRY_MS, signal);
    }
  }
}
