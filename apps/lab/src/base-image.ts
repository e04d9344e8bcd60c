import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fillCacheSlot } from "./cache-slot.ts";
import { contained } from "./contained.ts";
import type { LabHome } from "./home.ts";
import type { Progress } from "./progress.ts";
import { runCommand, runOrFail } from "./run-command.ts";

const SUITE = "bookworm";

/** What a CoreOS has that Debian's smallest variant lacks. Node 26 does not start without libatomic1. */
const PACKAGES = [
  "usr-is-merged systemd systemd-sysv dbus systemd-resolved libnss-myhostname",
  "iproute2 iptables iputils-ping curl ca-certificates busybox-static",
  "docker.io openssh-server sudo libatomic1 libstdc++6",
].flatMap((line) => line.split(" "));

/** Never read in the lab: half of the size. */
const LEFT_OUT = ["locale", "doc", "man", "info", "zoneinfo"];

/** Files of the base image, by path: what makes Debian start like a CoreOS does. */
const FILES: Readonly<Record<string, string>> = {
  // First boot, so that systemd applies presets; an empty file would not do.
  "etc/machine-id": "uninitialized\n",
  // Ignition's file stage fails without both lines.
  "etc/selinux/config": "SELINUX=disabled\nSELINUXTYPE=none\n",
  "etc/systemd/system-preset/99-default.preset": "disable *\n",
  "etc/systemd/system-preset/50-coreos.preset":
    "enable systemd-networkd.service\nenable systemd-resolved.service\nenable ssh.service\nenable docker.socket\nenable dbus.socket\n",
  "etc/systemd/journald.conf.d/10-lab.conf": "[Journal]\nRuntimeMaxUse=16M\nReadKMsg=no\nAudit=no\n",
  // Where Ignition puts keys; as on CoreOS, no password opens a machine.
  "etc/ssh/sshd_config.d/10-coreos.conf":
    "AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys.d/ignition\nPasswordAuthentication no\nPermitRootLogin no\nUseDNS no\n",
  "etc/sudoers.d/core": "core ALL=(ALL) NOPASSWD:ALL\n",
};

/** Units that have nothing to do in a container, or (first boot questions) would wait for a person. */
const MASKED = [
  "console-getty.service",
  "getty@.service",
  "getty-static.service",
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-firstboot.service",
  "systemd-pstore.service",
  "e2scrub_reap.service",
];

/** Raise it when {@link tidy} changes: the hash below cannot see code. */
const TIDY_VERSION = 1;

const recipe = JSON.stringify({ SUITE, PACKAGES, LEFT_OUT, FILES, MASKED, TIDY_VERSION });

/** Names the image in the cache; machines remember which one they were made from. */
export const baseImageHash = createHash("sha256").update(recipe).digest("hex").slice(0, 12);

/** The root file system all machines share read-only, built once: about 400 MB, 30 to 60 s. @returns its directory */
export async function ensureBaseImage(home: LabHome, progress: Progress, signal: AbortSignal): Promise<string> {
  const dir = join(home.cache, `base-${baseImageHash}`);
  if (existsSync(dir)) return dir;
  progress.say(`building the machines' base image (Debian ${SUITE}, about 400 MB) into ${home.cache}`);
  await progress.step("base image", () =>
    fillCacheSlot(dir, async (aside) => {
      await runOrFail(contained(mmdebstrap(aside, await aptProxy(signal))), {}, signal);
      await tidy(aside, signal);
    }),
  );
  return dir;
}

function mmdebstrap(dir: string, proxy: string | null): readonly string[] {
  return [
    "mmdebstrap",
    "-q",
    "--mode=root",
    "--variant=minbase",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    ...LEFT_OUT.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    "--dpkgopt=force-unsafe-io",
    '--aptopt=APT::Install-Recommends "false"',
    ...(proxy === null ? [] : [`--aptopt=Acquire::http::Proxy "${proxy}"`]),
    `--include=${PACKAGES.join(",")}`,
    SUITE,
    dir,
  ];
}

/** The host's own proxy for Debian mirrors, which mmdebstrap does not take over by itself. */
async function aptProxy(signal: AbortSignal): Promise<string | null> {
  const result = await runCommand(["apt-config", "shell", "PROXY", "Acquire::http::Proxy"], {}, signal);
  const proxy = /^PROXY='([^'"\\\s]+)'$/m.exec(result.stdout)?.[1];
  return proxy ?? null;
}

async function tidy(root: string, signal: AbortSignal): Promise<void> {
  const system = join(root, "etc/systemd/system");
  // Presets decide on first boot what is enabled, so nothing may be enabled by the packages.
  for (const name of await readdir(system))
    if (/\.(wants|requires)$/.test(name)) await rm(join(system, name), { recursive: true });
  for (const path of [
    "etc/init.d",
    "etc/rc0.d",
    "etc/rc1.d",
    "etc/rc2.d",
    "etc/rc3.d",
    "etc/rc4.d",
    "etc/rc5.d",
    "etc/rc6.d",
    "etc/rcS.d",
  ])
    await rm(join(root, path), { recursive: true, force: true });
  for (const path of [
    "etc/hostname",
    "etc/resolv.conf",
    "etc/systemd/system/sshd.service",
    "var/lib/dbus/machine-id",
    "var/lib/apt/lists",
    "var/cache/apt",
  ])
    await rm(join(root, path), { recursive: true, force: true });
  // Each machine makes its own.
  for (const name of await readdir(join(root, "etc/ssh")))
    if (name.startsWith("ssh_host_")) await rm(join(root, "etc/ssh", name));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text, { mode: path.startsWith("etc/sudoers.d") ? 0o440 : 0o644 });
  }
  await symlink("../run/systemd/resolve/resolv.conf", join(root, "etc/resolv.conf"));
  await rm(join(system, "default.target"), { force: true });
  await symlink("/lib/systemd/system/multi-user.target", join(system, "default.target"));
  for (const unit of MASKED) {
    await rm(join(system, unit), { force: true });
    await symlink("/dev/null", join(system, unit));
  }
  // As on CoreOS, `core` is there before Ignition adds keys to it.
  await runOrFail(
    [
      "chroot",
      root,
      "useradd",
      "--create-home",
      "--uid",
      "500",
      "--shell",
      "/bin/bash",
      "--groups",
      "sudo,docker,systemd-journal",
      "core",
    ],
    {},
    signal,
  );
}
