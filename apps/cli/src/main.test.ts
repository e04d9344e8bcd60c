import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { createAuthority, profiles } from "@quarterdeck/pki";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runFleet } from "./main.ts";
import { fakeTerminal } from "./testing/fake-terminal.ts";

const { signal } = new AbortController();
const packageJson = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8")) as {
  version: string;
};
let home: string;
let environment: Record<string, string>;
let servers: Server[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fleet-"));
  environment = { QUARTERDECK_HOME: home, QUARTERDECK_CONFIG: join(home, "quarterdeck.toml") };
  await mkdir(join(home, "contexts"));
});

afterEach(async () => {
  for (const server of servers) server.close();
  servers = [];
  await rm(home, { recursive: true });
});

const fleet = async (...argv: string[]) => {
  const terminal = fakeTerminal({ environment, workingDirectory: home });
  const exitCode = await runFleet(argv, terminal, signal);
  return { exitCode, out: terminal.out(), err: terminal.err() };
};

const context = async (more: object = {}, name = "local") => {
  const whole = {
    name,
    endpoints: ["https://127.0.0.1:1"],
    prefix: "/quarterdeck/",
    ca: "/nowhere/ca.pem",
    cert: "/nowhere/c.pem",
    key: "/nowhere/k.pem",
    user: "operator:test",
    transport: "direct",
    ...more,
  };
  await writeFile(join(home, "contexts", `${name}.json`), JSON.stringify(whole));
};

test("help and version need no cluster", async () => {
  expect(await fleet("version")).toMatchObject({ exitCode: 0, out: `fleet ${packageJson.version} (quarterdeck)\n` });
  expect((await fleet()).out).toContain("list-machines");
  expect(JSON.parse((await fleet("version", "-o", "json")).out)).toEqual({ version: packageJson.version });
});

test("a word that is not known has the nearest one on stderr", async () => {
  expect(await fleet("depoly")).toEqual({
    exitCode: 2,
    out: "",
    err: 'error[UNKNOWN_COMMAND]: I don\'t know "depoly"\ntry: fleet deploy\n',
  });
});

test("an error with JSON is one document on stdout", async () => {
  const { exitCode, out, err } = await fleet("-o", "json", "start");
  expect([exitCode, err]).toEqual([2, ""]);
  expect(JSON.parse(out)).toEqual({
    error: {
      code: "USAGE",
      message: "UNIT is missing",
      why: null,
      try: "fleet help start",
      correlationId: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
  });
});

test("the id of an error is printed for whoever debugs", async () => {
  expect((await fleet("start")).err).not.toContain("id: ");
  environment["QUARTERDECK_DEBUG"] = "1";
  expect((await fleet("start")).err).toMatch(/\nid: [0-9a-f]{32}\n$/);
});

test("nothing is sent to a lab's addresses while no lab runs", async () => {
  let knocked = 0;
  const server = createServer((socket) => {
    knocked += 1;
    socket.destroy();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoints = [`https://127.0.0.1:${(server.address() as AddressInfo).port}`];
  await context({ endpoints, lab: join(home, "lab.sock") });
  const { exitCode, err } = await fleet("status");
  expect(exitCode).toBe(7);
  expect(err).toMatch(
    /^error\[UNREACHABLE\]: the lab of the cluster local does not run\nwhy: .*ENOENT\ntry: npm start\n$/,
  );
  expect(knocked).toBe(0);

  const lab = createServer();
  servers.push(lab);
  await new Promise<void>((resolve) => lab.listen(join(home, "lab.sock"), resolve));
  await fleet("status");
  expect(knocked).toBeGreaterThan(0);
});

test("a cluster of another authority is told in our words, with what to do", async () => {
  const [ours, theirs] = await Promise.all([
    createAuthority("ours", new Date()),
    createAuthority("theirs", new Date()),
  ]);
  const etcd = await theirs.issue(profiles.etcd({ ips: ["127.0.0.1"] }), { now: new Date() });
  const server = createTlsServer(etcd);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await writeFile(join(home, "ca.pem"), ours.cert);
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const me = await ours.issue(profiles.operator("test"), { now: new Date() });
  await writeFile(join(home, "me.pem"), me.cert);
  await writeFile(join(home, "me-key.pem"), me.key);
  await context({
    endpoints: [endpoint],
    ca: join(home, "ca.pem"),
    cert: join(home, "me.pem"),
    key: join(home, "me-key.pem"),
  });
  const { exitCode, err } = await fleet("status");
  expect(exitCode).toBe(2);
  expect(err).toContain(`error[INVALID_CERTIFICATE]: etcd at ${endpoint} is signed by another authority\n`);
  expect(err).toContain("try: npm start writes the context local anew; or fleet --context NAME\n");
});

test("no cluster at all says how to get one", async () => {
  expect(await fleet("status")).toMatchObject({
    exitCode: 7,
    err: expect.stringMatching(/^error\[UNREACHABLE\]: there is no cluster here\n(.*\n)*try: npm start\n$/),
  });
});

test("a cluster that is not there is told in under 3 s with each endpoint", async () => {
  await context({ endpoints: ["https://127.0.0.1:1", "https://127.0.0.2:1"] });
  const began = performance.now();
  const { exitCode, err } = await fleet("status");
  expect(performance.now() - began).toBeLessThan(3000);
  expect(exitCode).toBe(7);
  expect(err).toContain("https://127.0.0.1:1: ECONNREFUSED");
  expect(err).toContain("https://127.0.0.2:1: ECONNREFUSED");
  expect(err).toContain("try: npm start");
});

test("certificates that are not there are named", async () => {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await context({ endpoints: [`https://127.0.0.1:${(server.address() as AddressInfo).port}`] });
  const { exitCode, err } = await fleet("status");
  expect(exitCode).toBe(2);
  expect(err).toMatch(/^error\[INVALID_(CERTIFICATE|CONFIG)\]/);
});

test.each([
  ["not JSON", "{"],
  ["a context without endpoints", '{"name":"local","endpoints":[]}'],
])("%s is refused with the file's name", async (_, text) => {
  const path = join(home, "contexts", "local.json");
  await writeFile(path, text);
  expect(await fleet("status")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining(`error[INVALID_CONFIG]: ${path}`),
  });
});

test.each([
  [["status", "--context", "nope"], "NOT_FOUND", 3],
  [["status", "--context", "../local"], "INVALID_NAME", 2],
  [["status", "--context", "far"], "NOT_YET", 2],
])("%j is refused with %s", async (argv, code, exitCode) => {
  await context({ transport: "ssm" }, "far");
  const ran = await fleet(...argv);
  expect([ran.exitCode, ran.err.includes(`error[${code}]`)]).toEqual([exitCode, true]);
});

test("on a machine without a context the machine's config is used, and its faults are named", async () => {
  await writeFile(
    join(home, "quarterdeck.toml"),
    '[machine]\nhostname = "m1"\naddress = "127.0.0.1"\n[etcd]\nendpoints = ["https://127.0.0.1:1"]\n',
  );
  expect(await fleet("status")).toMatchObject({
    exitCode: 7,
    err: expect.stringContaining("https://127.0.0.1:1: ECONNREFUSED"),
  });
  await writeFile(join(home, "quarterdeck.toml"), "[machin]\n");
  expect(await fleet("status")).toMatchObject({ exitCode: 2, err: expect.stringContaining("error[INVALID_CONFIG]") });
});

test("an interrupt ends it at once with the shell's code", async () => {
  await context();
  const over = new AbortController();
  over.abort();
  expect(await runFleet(["status"], fakeTerminal({ environment }), over.signal)).toBe(130);
});
