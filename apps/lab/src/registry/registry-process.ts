import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DebianTools } from "../debian-tools.ts";
import type { LabHome } from "../home.ts";
import { startHostProcess, type HostProcess } from "../host-process.ts";
import type { Identities } from "../identities.ts";
import { labFailed } from "../lab-failed.ts";
import { until } from "../until.ts";
import { pushImage, registryStatus, type RegistryEndpoint } from "./push-image.ts";
import { webImage, WEB_VERSIONS } from "./web-image.ts";

const REGISTRY_NAME = "registry.lab";
const PORT = 5000;

export type RegistryOptions = {
  readonly home: LabHome;
  readonly tools: DebianTools;
  readonly identities: Identities;
  readonly address: string;
  readonly cgroupEntries: readonly string[];
};

/** Starts the lab's image registry, with TLS, on the bridge's address and fills it with the example images. */
export async function startRegistry(options: RegistryOptions, signal: AbortSignal): Promise<HostProcess> {
  const { home, identities, address } = options;
  const config = join(home.registry, "config.json");
  await mkdir(join(home.registry, "storage"), { recursive: true });
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: "warn" },
      storage: { filesystem: { rootdirectory: join(home.registry, "storage") }, delete: { enabled: true } },
      // Without a drain time it does not end by SIGTERM.
      http: {
        draintimeout: "1s",
        addr: `${address}:${PORT}`,
        tls: { certificate: identities.registry.certPath, key: identities.registry.keyPath },
      },
    }),
  );
  const env = { PATH: process.env["PATH"] ?? "", OTEL_TRACES_EXPORTER: "none" };
  const registry = await startHostProcess(
    {
      argv: [options.tools.registry, "serve", config],
      env,
      log: join(home.run, "registry.log"),
      cgroupEntries: options.cgroupEntries,
    },
    signal,
  );
  try {
    await fill({ address, port: PORT, serverName: REGISTRY_NAME, ca: identities.ca }, options, signal);
    return registry;
  } catch (error) {
    await registry[Symbol.asyncDispose]();
    throw error;
  }
}

async function fill(endpoint: RegistryEndpoint, options: RegistryOptions, signal: AbortSignal): Promise<void> {
  const answers = async (): Promise<boolean> => (await registryStatus(endpoint, signal).catch(() => 0)) === 200;
  if (!(await until(answers, { everyMs: 50, forMs: 15_000 }, signal)))
    throw labFailed("the image registry does not answer", { try: `read ${join(options.home.run, "registry.log")}` });
  const busybox = await readFile(options.tools.busybox);
  const architecture = process.arch === "arm64" ? "arm64" : "x64";
  for (const version of WEB_VERSIONS)
    await pushImage(endpoint, { repository: "web", tag: version }, webImage(version, busybox, architecture), signal);
}
