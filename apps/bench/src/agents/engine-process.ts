import { absentRegistry, createSystemClock, runEngine } from "@quarterdeck/engine/parts";
// `node engine-process.ts <JSON>`: the engine as a process of its own, so that its memory and its processor time can be told from the agents'.
import { connectEtcd, createAuditSigner } from "@quarterdeck/etcd";
import { z } from "zod";

const optionsSchema = z.object({
  endpoints: z.array(z.string()),
  tls: z.object({ ca: z.string(), cert: z.string(), key: z.string() }),
  prefix: z.string(),
  ttlSeconds: z.number(),
});

/** What {@link startEngineProcess} hands over. */
export type EngineProcessOptions = z.infer<typeof optionsSchema>;

if (import.meta.main) {
  const { ttlSeconds, ...connection } = optionsSchema.parse(JSON.parse(process.argv[2] ?? "null"));
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort()).once("disconnect", () => stop.abort());
  const say =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void process.stderr.write(`engine: ${level} ${message} ${JSON.stringify(fields)}\n`);
  await using etcd = await connectEtcd(connection, stop.signal);
  await runEngine(
    {
      etcd,
      signer: createAuditSigner(connection.tls),
      auditLimits: { keepEntries: 1000, keepMs: 30 * 86_400_000 },
      clusterCa: () => Promise.resolve(connection.tls.ca),
      registry: absentRegistry("a benchmark has no images"),
      clock: createSystemClock(),
      log: { info: () => undefined, warn: say("warn"), error: say("error") },
      onRole: (role) => process.send?.(role),
      self: { machine: "bench", hostname: "bench" },
      seed: null,
      limits: { graceMs: 1_000, ttlMs: ttlSeconds * 1_000 },
      rebootLimits: { slots: 1, overdueSeconds: 1_800, etcdHosts: new Set() },
      serve: null,
      leaderTtlSeconds: 5,
    },
    stop.signal,
  );
  process.disconnect?.();
}
