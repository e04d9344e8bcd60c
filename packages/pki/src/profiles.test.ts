import type { MachineId } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { profiles } from "./profiles.ts";

const machine = "0123456789abcdef0123456789abcdef" as MachineId;
const sans = { dns: ["m1"], ips: ["10.78.0.11"] };

describe("profiles", () => {
  test.each([
    [profiles.machine(machine, sans), `machine:${machine}`, ["server", "client"]],
    [profiles.etcd(sans), "etcd", ["server", "client"]],
    [profiles.peer(sans), "etcd", ["server", "client"]],
    [profiles.engine(), "engine", ["client"]],
    [profiles.engine(sans), "engine", ["server", "client"]],
    [profiles.bot(), "bot", ["client"]],
    [profiles.operator("api-m1"), "operator:api-m1", ["client"]],
    [profiles.root(), "root", ["client"]],
    [profiles.server("registry.lab", { ips: ["10.78.0.1"] }), "registry.lab", ["server"]],
  ])("%# give the common name and the purposes of the table", (profile, commonName, purposes) => {
    expect(profile.commonName).toBe(commonName);
    expect(profile.purposes).toEqual(purposes);
  });

  test("name a server by its own name first, once", () => {
    expect(profiles.server("registry.lab", { dns: ["registry.lab", "r"] }).names).toEqual({
      dns: ["registry.lab", "r"],
      ips: [],
    });
  });

  test.each(["", "0123", machine.toUpperCase(), `${machine}\n`, "../../etc/passwd"])(
    "refuse the machine id %j",
    (id) => {
      expect(() => profiles.machine(id as MachineId, sans)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
    },
  );

  test.each(["", "a b", "a/b", "x,CN=root", "x\nCN=root", "é", "x".repeat(56)])("refuse the operator %j", (name) => {
    expect(() => profiles.operator(name)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });

  test.each([
    { dns: ["*.lab"] },
    { dns: ["a b"] },
    { dns: ["-a"] },
    { dns: ["a..b"] },
    { dns: ["10.0.0.1"] },
    { dns: ["m1\n"] },
    { ips: ["m1"] },
    { ips: ["10.0.0.256"] },
    { ips: ["10.0.0.0/8"] },
    { ips: ["fe80::1%eth0"] },
  ])("refuse the names %j", (names) => {
    expect(() => profiles.etcd(names)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });

  test("refuse a server that nobody could check", () => {
    expect(() => profiles.etcd({})).toThrow(expect.objectContaining({ code: "INVALID_CERTIFICATE" }));
    expect(() => profiles.server("a b")).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});
