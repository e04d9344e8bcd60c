import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { etcdMachine } from "./etcd-machine.ts";
import { exampleEtcd, exampleWorker } from "./example-options.ts";
import { renderIgnition } from "./render-ignition.ts";
import { stubConfig } from "./stub-config.ts";
import { workerMachine } from "./worker-machine.ts";

const HOW =
  "ignition-validate is missing: `npm start` fetches it, or apt-get download ignition && dpkg-deb -x ignition_*.deb d, and put d/usr/bin on PATH";

function findValidator(): string | null {
  const home = process.env["QUARTERDECK_HOME"] ?? join(homedir(), ".local/share/quarterdeck");
  const places = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    join(home, "cache/bin"),
    join(home, "cache/debian-tools/usr/bin"),
  ];
  return places.map((place) => join(place, "ignition-validate")).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

describe("Ignition's own validator", () => {
  const validator = findValidator();
  const validate = (text: string) => spawnSync(validator ?? "", ["-"], { input: text, encoding: "utf8" });

  test.for([
    ["an etcd machine", etcdMachine(exampleEtcd)],
    ["an etcd machine that runs no units", etcdMachine({ ...exampleEtcd, schedulable: false })],
    ["a worker", workerMachine(exampleWorker)],
    ["a stub", stubConfig({ source: "s3://b/k", sha512: "0".repeat(128) })],
    ["a worker with DHCP", workerMachine({ ...exampleWorker, network: { kind: "dhcp" } })],
  ] as const)("has nothing to say against %s", ([_what, config], context) => {
    if (validator === null) return context.skip(HOW);
    const { status, stderr, stdout } = validate(renderIgnition(config));
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });

  test("does refuse a config with a fault, so its silence means something", (context) => {
    if (validator === null) return context.skip(HOW);
    expect(
      validate(renderIgnition(workerMachine(exampleWorker)).replace('"/etc/hosts"', '"etc/hosts"')).status,
    ).not.toBe(0);
  });
});
