import { expect, test } from "vitest";
import { theLab } from "./lab-handle.ts";

test("the machines run the one binary, which starts in under half a second", async () => {
  const exe = await theLab.inside("m1", "readlink", "-f", "/opt/bin/quarterdeck");
  expect(exe.stdout.trim()).toMatch(/^\/opt\/quarterdeck\/[^/]+\/quarterdeck$/);
  const pid = (
    await theLab.inside("m1", "systemctl", "show", "-P", "MainPID", "quarterdeck-agent.service")
  ).stdout.trim();
  expect((await theLab.inside("m1", "readlink", "-f", `/proc/${pid}/exe`)).stdout.trim()).toBe(exe.stdout.trim());

  const timed = await theLab.inside("m1", "/bin/bash", "-c", "time -p /opt/bin/quarterdeck version");
  const [real = NaN, user = NaN, system = NaN] = ["real", "user", "sys"].map((kind) =>
    Number(new RegExp(`${kind} ([\\d.]+)`).exec(timed.stderr)?.[1]),
  );
  process.stdout.write(`quarterdeck version: ${real} s, ${(user + system).toFixed(2)} s of a core\n`);
  expect(timed.stdout).toMatch(/\d+\.\d+\.\d+/);
  // What it costs, not how long it waited for a core that others had.
  expect(user + system).toBeLessThan(0.5);
});
