import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SshTarget } from "@quarterdeck/commands";
import type { MachineId } from "@quarterdeck/model";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSsh, sshArguments } from "./open-ssh.ts";

const target: SshTarget = {
  machine: "a".repeat(32) as MachineId,
  address: "10.78.0.11",
  user: "core",
  port: 22,
  forwardAgent: false,
  command: [],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fleet-ssh-"));
  vi.stubEnv("PATH", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** An ssh that writes down its arguments, one a line, and ends with 7. */
async function installSsh(): Promise<() => Promise<string>> {
  const said = join(folder, "said");
  const path = join(folder, "ssh");
  await writeFile(path, `#!/bin/sh\nprintf '%s\\n' "$@" > '${said}'\nexit 7\n`);
  await chmod(path, 0o755);
  return () => readFile(said, "utf8");
}

test("the user's ssh is run with the words as they are, and ends it", async () => {
  const said = await installSsh();
  const ended = await openSsh({ ...target, command: ["echo", "two words"] }, null, AbortSignal.timeout(10_000));
  expect(ended).toBe(7);
  expect((await said()).split("\n").slice(-4)).toEqual(["10.78.0.11", "echo", "two words", ""]);
});

test("without ssh it says what to install", async () => {
  await expect(openSsh(target, null, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: "NOT_FOUND",
    problem: { try: "apt-get install openssh-client" },
  });
});

test("an address that is none never reaches ssh, which might read it as an option", async () => {
  const said = await installSsh();
  const hostile = { ...target, address: "-oProxyCommand=touch /tmp/x" };
  await expect(openSsh(hostile, null, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: "MACHINE_UNREACHABLE",
  });
  await expect(said()).rejects.toThrow("ENOENT");
});

test("the address stands behind the end of the options, and the machine's key goes by its id", () => {
  const argv = sshArguments({ ...target, forwardAgent: true, command: ["ls", "-l"] }, null);
  expect(argv.slice(argv.indexOf("--"))).toEqual(["--", "10.78.0.11", "ls", "-l"]);
  expect(argv).toEqual(expect.arrayContaining(["-A", `HostKeyAlias=quarterdeck-${"a".repeat(32)}`]));
});

test("with a context's key nothing of the user's own is offered or remembered", () => {
  const argv = sshArguments(target, { key: "/home/x/core", knownHosts: "/home/x/known" });
  expect(argv.join(" ")).toContain("-i /home/x/core -o IdentitiesOnly=yes -o UserKnownHostsFile=/home/x/known");
});
