import { applyRoles } from "@quarterdeck/etcd";
import { findEtcd, HOW_TO_GET_ETCD, startSecureEtcd, type SecureEtcd } from "@quarterdeck/etcd/testing";
import { profiles } from "@quarterdeck/pki";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeClusterHome, type ClusterHome } from "./testing/cluster-home.ts";

const signal = AbortSignal.timeout(120_000);

describe.skipIf(findEtcd() === null)(`fleet etcd on a real etcd (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  let etcd: SecureEtcd;
  let here: ClusterHome;
  let there: ClusterHome;
  beforeAll(async () => {
    etcd = await startSecureEtcd();
    const endpoints = [etcd.server.url];
    const root = { endpoints, tls: await etcd.issue(profiles.root()) };
    await applyRoles(root, { machines: [], operators: ["anna", "ben"], prefix: "/quarterdeck/" }, signal);
    const home = async (name: string): Promise<ClusterHome> =>
      makeClusterHome({ endpoints, tls: await etcd.issue(profiles.operator(name)), user: `operator:${name}` });
    [here, there] = [await home("anna"), await home("ben")];
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
    await etcd.server[Symbol.asyncDispose]();
  });

  const json = async (...argv: readonly string[]): Promise<unknown> =>
    JSON.parse((await there.fleet(...argv, "-o", "json")).out);

  test("what is set on one machine is got on another, the value and nothing else", async () => {
    expect(await here.fleet("etcd", "set", "/message", "Hello world")).toEqual({
      exitCode: 0,
      out: "Hello world\n",
      err: "",
    });
    expect(await there.fleet("etcd", "get", "/message")).toEqual({ exitCode: 0, out: "Hello world\n", err: "" });
    expect(await json("etcd", "get", "/message")).toEqual({
      key: "/message",
      value: "Hello world",
      encoding: "utf8",
      modRevision: expect.any(Number),
    });
  });

  test.each([
    ["empty", "", ""],
    ["one that ends its last line", "a\nb\n", "a\nb\n"],
    ["one that does not", "a\nb", "a\nb\n"],
    ["one in other letters", "Grüße, 世界 🚢", "Grüße, 世界 🚢\n"],
    ["one that begins with a dash", "-5", "-5\n"],
  ])("a value that is %s comes back as it was", async (_, value, printed) => {
    expect(await here.fleet("etcd", "set", "/odd/ключ 🔑", "--", value)).toMatchObject({ exitCode: 0, out: printed });
    expect(await there.fleet("etcd", "get", "/odd/ключ 🔑")).toMatchObject({ exitCode: 0, out: printed });
    expect(await json("etcd", "get", "/odd/ключ 🔑")).toMatchObject({ value });
  });

  test("a dash takes the standard input byte for byte, long or not text at all", async () => {
    const long = Buffer.from("x".repeat(1_000_000));
    expect((await here.fleetReading(long, "etcd", "set", "/long", "-")).exitCode).toBe(0);
    expect((await there.fleet("etcd", "get", "/long")).out).toBe(`${long.toString()}\n`);

    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x0a]);
    expect(await here.fleetReading(bytes, "etcd", "set", "/bytes", "-")).toMatchObject({
      exitCode: 0,
      out: "wrote 4 bytes that are not text\n",
    });
    expect(await json("etcd", "get", "/bytes")).toMatchObject({
      value: bytes.toString("base64"),
      encoding: "base64",
    });
    expect(await there.fleet("etcd", "get", "/bytes")).toEqual({
      exitCode: 1,
      out: "",
      err:
        "error[FAILED]: the value of /bytes is not text: 4 bytes that are not UTF-8\n" +
        "try: fleet etcd get /bytes -o json, which has it in base64\n",
    });
  });

  test.each([
    [
      "a little more than etcd takes",
      1_572_864,
      /^error\[ETCD_TOO_LARGE\]: cannot write \/huge: it is more than etcd takes/,
    ],
    ["more than anybody would read", 9_000_000, /^error\[USAGE\]: the standard input is longer than etcd takes/],
  ])("%s is refused in one line", async (_, size, message) => {
    const { exitCode, err } = await here.fleetReading(Buffer.alloc(size, "x"), "etcd", "set", "/huge", "-");
    expect(exitCode).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect((await there.fleet("etcd", "get", "/huge")).exitCode).toBe(3);
  });

  test("ls shows one level, sorted; --recursive all; -p which are directories", async () => {
    for (const key of ["/tree/b/c", "/tree/b/a/x", "/tree/z", "/tree/a", "/tree2"])
      await here.fleet("etcd", "set", key, "1");
    const ls = async (...argv: readonly string[]): Promise<string> => (await there.fleet("etcd", "ls", ...argv)).out;
    expect(await ls("/tree")).toBe("/tree/a\n/tree/b\n/tree/z\n");
    expect(await ls("/tree/", "-p")).toBe("/tree/a\n/tree/b/\n/tree/z\n");
    expect(await ls("--recursive", "-p", "/tree")).toBe(
      "/tree/a\n/tree/b/\n/tree/b/a/\n/tree/b/a/x\n/tree/b/c\n/tree/z\n",
    );
    expect(await ls("/tree/a")).toBe("/tree/a\n");
    expect((await ls()).split("\n")).toEqual(expect.arrayContaining(["/message", "/tree", "/tree2"]));
    expect(await json("etcd", "ls", "/tree")).toEqual([
      { key: "/tree/a", directory: false },
      { key: "/tree/b", directory: true },
      { key: "/tree/z", directory: false },
    ]);
  });

  test.each([
    [["get", "/nothing/here"], 3, "error[NOT_FOUND]: there is no key /nothing/here\ntry: fleet etcd ls /nothing\n"],
    [["ls", "/nothing"], 3, "error[NOT_FOUND]: there is no key /nothing, and none below it\ntry: fleet etcd ls /\n"],
    [
      ["get", "message"],
      2,
      'error[USAGE]: "message" is not a whole key: it does not begin with /\ntry: fleet etcd get /message\n',
    ],
    [["set", "/message"], 2, "error[USAGE]: VALUE is missing\ntry: fleet help etcd set\n"],
  ])("%j is refused in one line with what to type", async (argv, exitCode, err) => {
    expect(await here.fleet("etcd", ...argv)).toEqual({ exitCode, out: "", err });
  });

  test.each(["/quarterdeck/units/x", "/quarterdeck/", "/quarterdeck"])(
    "%s is Quarterdeck's own and refused",
    async (key) => {
      const { exitCode, err } = await here.fleet("etcd", "set", key, "x");
      expect(exitCode).toBe(4);
      expect(err).toMatch(
        /^error\[FORBIDDEN\]: .* which Quarterdeck's engine alone writes\ntry: a key of your own, e\.g\. {2}fleet etcd set \/message hello\n$/,
      );
      expect((await there.fleet("etcd", "get", key)).exitCode).toBe(3);
    },
  );

  test("members says who is there, who leads, and which alarms are on", async () => {
    expect(await json("etcd", "members")).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]+$/),
        name: "m1",
        endpoint: etcd.server.url,
        healthy: true,
        leader: true,
        version: expect.stringMatching(/^3\./),
        databaseBytes: expect.any(Number),
        alarms: [],
      },
    ]);
    const { out } = await there.fleet("etcd", "members");
    expect(out.split("\n")[0]).toMatch(/^ID +NAME +ENDPOINT +HEALTHY +LEADER +VERSION +SIZE +ALARMS$/);
  });
});
