import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createLogger } from "@quarterdeck/daemon";
import { configSchema, type MachineId } from "@quarterdeck/model";
import { createAuthority } from "@quarterdeck/pki";
import { expect, test } from "vitest";
import { openFleetApi } from "./open-fleet-api.ts";

const log = createLogger("test");
log.level = "silent";

test("it is served before etcd was ever reached, to nobody else, and says what keeps it from answering", async () => {
  const run = await mkdtemp(join(tmpdir(), "qd-open-fleet-"));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(run, { recursive: true }));
  const config = configSchema.parse({
    machine: { hostname: "m1", address: "127.0.0.1" },
    etcd: { endpoints: ["https://127.0.0.1:1"] },
    pki: { dir: join(run, "no-pki") },
  });
  const signal = AbortSignal.timeout(10_000);
  const metrics = () => Promise.resolve({ contentType: "text/plain", text: "one 1\n" });
  cleanup.use(await openFleetApi({ config, machine: "a".repeat(32) as MachineId, run, metrics, log }, signal));
  const socketPath = join(run, "fleet.sock");
  expect((await stat(socketPath)).mode & 0o007).toBe(0);
  expect(await get(socketPath, "/metrics")).toBe("one 1\n");
  const refusal = async () => JSON.parse(await get(socketPath, "/fleet/v1/units")) as unknown;
  expect(await refusal()).toMatchObject({ error: { code: 500, message: expect.stringContaining("no-pki/ca.pem") } });
  // The next request tries again.
  await mkdir(config.pki.dir);
  await writeFile(join(config.pki.dir, "ca.pem"), (await createAuthority("test", new Date())).cert);
  expect(await refusal()).toMatchObject({ error: { code: 500, message: expect.stringContaining("no-pki/api.pem") } });
});

function get(socketPath: string, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request({ socketPath, path, agent: false }, (response) => void text(response).then(resolve, reject))
    .on("error", reject)
    .end();
  return promise;
}
