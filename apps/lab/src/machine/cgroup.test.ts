import { expect, test } from "vitest";
import { cgroupEntries, parseCgroupMounts } from "./cgroup.ts";

const HYBRID = [
  "tmpfs /sys/fs/cgroup tmpfs rw 0 0",
  "cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0",
  "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0",
  "cgroup /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0",
  "cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0",
  "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0",
].join("\n");

test("a hybrid host has the unified hierarchy and the v1 ones that matter", () => {
  expect(parseCgroupMounts(HYBRID)).toEqual({
    unified: "/sys/fs/cgroup/unified",
    legacy: ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/systemd"],
  });
});

test("a pure v2 host has one hierarchy", () => {
  const mounts = parseCgroupMounts("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n");
  expect(mounts).toEqual({ unified: "/sys/fs/cgroup", legacy: [] });
  expect(mounts === null ? [] : cgroupEntries(mounts, "qd123456/m1")).toEqual([
    "/sys/fs/cgroup/qd123456/m1/cgroup.procs",
  ]);
});

test("a host with v1 alone cannot carry machines", () => {
  expect(parseCgroupMounts("cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n")).toBeNull();
});
