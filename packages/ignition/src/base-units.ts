import type { IgnitionUnit } from "./spec.ts";
import { renderUnit } from "./unit-text.ts";

/**
 * Units of the image that a machine needs on, or off. Naming one that an image lacks does no harm: Ignition writes presets
 * and masks by name.
 */
export const BASE_UNITS: readonly IgnitionUnit[] = [
  { name: "systemd-networkd.service", enabled: true },
  {
    name: "systemd-networkd-wait-online.service",
    enabled: true,
    // Its own limit is two minutes, in which a machine that boots while cut off would start nothing.
    dropins: [{ name: "10-quarterdeck.conf", contents: renderUnit([["Service", [["TimeoutStartSec", "20s"]]]]) }],
  },
  { name: "systemd-resolved.service", enabled: true },
  { name: "docker.service", enabled: true },
  // Flatcar and Fedora CoreOS say sshd, Debian ssh.
  { name: "sshd.service", enabled: true },
  {
    name: "ssh.service",
    enabled: true,
    // Debian makes host keys when the package is installed, so a shared image has none; `sshd -t` fails without.
    dropins: [
      {
        name: "10-quarterdeck.conf",
        contents: renderUnit([
          [
            "Service",
            [
              ["ExecStartPre", ""],
              ["ExecStartPre", "/usr/bin/ssh-keygen -A"],
              ["ExecStartPre", "/usr/sbin/sshd -t"],
            ],
          ],
        ]),
      },
    ],
  },
  // The agent is the one that reboots for updates; locksmith speaks only etcd's dead v2 API.
  { name: "locksmithd.service", mask: true },
];
