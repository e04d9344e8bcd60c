import { parseConfig } from "@quarterdeck/model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseDataUrl } from "./data-url.ts";
import { decodeIgnition } from "./decode-ignition.ts";
import { etcdMachine } from "./etcd-machine.ts";
import { exampleEtcd, exampleWorker } from "./example-options.ts";
import { renderIgnition } from "./render-ignition.ts";
import type { IgnitionConfig, IgnitionFile } from "./spec.ts";
import { workerMachine } from "./worker-machine.ts";

const identityNames = ["api", "bot"] as const;
const varied = fc.record({
  hostname: fc.stringMatching(/^[a-z0-9]{1,20}$/),
  zone: fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
  metadata: fc.dictionary(
    fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/).filter((key) => key !== "__proto__"),
    fc.stringMatching(/^[A-Za-z0-9_.:/-]{0,20}$/),
    {
      maxKeys: 5,
    },
  ),
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  kept: fc.subarray([...identityNames]),
  seedText: fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
});

const machines = varied.chain(({ hostname, zone, metadata, address, kept, seedText }) => {
  const network = { kind: "static", address, prefixLength: 24 } as const;
  const only = <Identities extends object>(identities: Identities) =>
    Object.fromEntries(
      Object.entries(identities).filter(
        ([role]) => !identityNames.some((name) => name === role) || kept.some((name) => name === role),
      ),
    ) as Identities;
  const change = { hostname, zone, metadata, network };
  const worker = workerMachine({
    ...exampleWorker,
    ...change,
    pki: { ...exampleWorker.pki, identities: only(exampleWorker.pki.identities) },
  });
  const etcd = etcdMachine({
    ...exampleEtcd,
    ...change,
    pki: { ...exampleEtcd.pki, identities: only(exampleEtcd.pki.identities) },
    seed: { ...exampleEtcd.seed, files: { "hello.service": seedText } },
  });
  return fc.record({ config: fc.constantFrom(worker, etcd), change: fc.constant(change) });
});

type Change = {
  readonly hostname: string;
  readonly zone: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly network: { readonly address: string };
};

const files = (config: IgnitionConfig) => config.storage?.files ?? [];
const places = (config: IgnitionConfig) => [
  ...files(config),
  ...(config.storage?.links ?? []),
  ...(config.storage?.directories ?? []),
];

const textOf = ({ contents }: IgnitionFile): string => parseDataUrl(contents?.source ?? "") ?? "not a data URL";

const RUNS = 100;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

const forEvery = (holds: (config: IgnitionConfig, change: Change) => void) =>
  fc.assert(
    fc.property(machines, ({ config, change }) => holds(config, change)),
    { numRuns: RUNS },
  );

describe("of every machine it holds that", () => {
  test("each path is absolute and named once", () => {
    forEvery((config) => {
      const paths = places(config).map(({ path }) => path);
      expect(paths.filter((path) => !path.startsWith("/"))).toEqual([]);
      expect(new Set(paths).size).toBe(paths.length);
    });
  });

  test("keys and tokens are for root alone, and nothing is for others to write", () => {
    forEvery((config) => {
      for (const file of files(config)) {
        const { path, mode } = file;
        const secret = path.endsWith("-key.pem") || /PRIVATE KEY|xoxb-\d|xapp-\d/.test(textOf(file));
        if (secret) expect({ path, mode }).toEqual({ path, mode: 0o600 });
        expect({ path, writable: (mode ?? 0) & 0o022 }).toEqual({ path, writable: 0 });
      }
    });
  });

  test("each file's text comes back out of its URL, and the config out of its JSON", () => {
    forEvery((config) => {
      for (const file of files(config)) expect(textOf(file)).not.toBe("not a data URL");
      expect(decodeIgnition(JSON.parse(renderIgnition(config)))).toEqual({ ok: true, value: config });
    });
  });

  test("its daemons read exactly what it was made with", () => {
    forEvery((config, { hostname, zone, metadata, network }) => {
      const toml = files(config)
        .filter(({ path }) => path === "/etc/quarterdeck/quarterdeck.toml")
        .map(textOf);
      const parsed = parseConfig(toml.join(""), {});
      expect(parsed.ok && parsed.value.machine).toEqual({ hostname, zone, metadata, address: network.address });
    });
  });
});
