import { expect, test } from "vitest";
import { isLeader, nspawnArguments } from "./nspawn.ts";

test("the leader is nspawn's child that is process 1 inside", () => {
  expect(isLeader("Name:\tsystemd\nPPid:\t77\nNSpid:\t80\t1\n", 77)).toBe(true);
  expect(isLeader("Name:\tsystemd\nPPid:\t78\nNSpid:\t80\t1\n", 77)).toBe(false);
});

test("nspawn's helper during set-up is not the leader", () => {
  expect(isLeader("Name:\t(sd-setup)\nPPid:\t77\nNSpid:\t79\n", 77)).toBe(false);
});

test("a machine gets its own name, id and cable", () => {
  const argv = nspawnArguments({
    name: "qd123456m1",
    link: "qd123456m1",
    hostname: "m1",
    machineId: "0".repeat(32),
    root: "/r",
    binds: new Map([["/d/etcd", "/var/lib/etcd"]]),
    readOnlyBinds: new Map([["/c/etcd", "/opt/etcd"]]),
  });
  expect(argv).toContain("--network-veth-extra=qd123456m1:host0");
  expect(argv).toContain("--bind=/d/etcd:/var/lib/etcd");
  expect(argv).toContain("--bind-ro=/c/etcd:/opt/etcd");
  expect(argv).toContain(`--uuid=${"0".repeat(32)}`);
});
