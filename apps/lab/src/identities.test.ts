import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { labHome, type LabHome } from "./home.ts";
import { openIdentities } from "./identities.ts";
import { createRecord } from "./machine/machine-record.ts";

const NOW = new Date("2026-11-24T00:00:00Z");
let home: LabHome;
beforeEach(async () => {
  home = labHome(await mkdtemp(join(tmpdir(), "qd-pki-")));
});
afterEach(() => rm(home.root, { recursive: true }));

test("certificates stay the same over restarts", async () => {
  const record = createRecord(1, "etcd", "0".repeat(12));
  const first = await openIdentities(home, "10.78.0.1", NOW);
  const second = await openIdentities(home, "10.78.0.1", NOW);
  expect(second.ca).toBe(first.ca);
  expect(second.operator.cert).toBe(first.operator.cert);
  expect(await second.ofMachine(record, "10.78.0.11")).toEqual(await first.ofMachine(record, "10.78.0.11"));
});

test("one is made anew when its names change or its end is near", async () => {
  const first = await openIdentities(home, "10.78.0.1", NOW);
  const moved = await openIdentities(home, "10.78.9.1", NOW);
  expect(moved.registry.cert).not.toBe(first.registry.cert);
  const later = await openIdentities(home, "10.78.9.1", new Date(NOW.getTime() + 350 * 24 * 3600 * 1000));
  expect(later.operator.cert).not.toBe(first.operator.cert);
});

test("a worker holds no etcd member's, peer's or engine's identity", async () => {
  const identities = await openIdentities(home, "10.78.0.1", NOW);
  const worker = await identities.ofMachine(createRecord(4, "worker", "0".repeat(12)), "10.78.0.14");
  expect(Object.keys(worker).toSorted()).toEqual(["api", "bot", "machine"]);
});
