import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { readConfig, readMachineId } from "./read-config.ts";

const dir = mkdtempSync(join(tmpdir(), "quarterdeck-daemon-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const MINIMAL = '[machine]\nhostname = "m1"\naddress = "10.0.0.1"\n[etcd]\nendpoints = ["https://10.0.0.1:2379"]\n';

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a config is read from its file, with the environment on top", async () => {
  const path = join(dir, "good.toml");
  writeFileSync(path, MINIMAL);
  vi.stubEnv("QUARTERDECK_AGENT_PORT", "9443");
  expect(await readConfig(path)).toMatchObject({ machine: { hostname: "m1" }, agent: { port: 9443 } });
});

test("a missing file and a broken one are refused with a code and what to do", async () => {
  await expect(readConfig(join(dir, "none.toml"))).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    problem: { try: expect.stringContaining("QUARTERDECK_CONFIG") },
  });
  const path = join(dir, "bad.toml");
  writeFileSync(path, `${MINIMAL}[agent]\nprot = 1\n`);
  await expect(readConfig(path)).rejects.toMatchObject({ code: "INVALID_CONFIG", problem: { try: "write port" } });
});

test("a machine id that is none is refused, as before the first boot is over", async () => {
  vi.stubEnv("QUARTERDECK_MACHINE_ID", "uninitialized");
  await expect(readMachineId()).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  vi.stubEnv("QUARTERDECK_MACHINE_ID", "0123456789abcdef0123456789abcdef");
  expect(await readMachineId()).toBe("0123456789abcdef0123456789abcdef");
});
