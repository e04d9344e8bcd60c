import type { Setting } from "./unit-text.ts";

/**
 * What none of our daemons needs. Each adds its own: the paths it writes and the capabilities it keeps.
 * `MemoryDenyWriteExecute=` is missing on purpose: V8 compiles at run time.
 * @see systemd.exec(5) "SANDBOXING"
 */
export const SANDBOX: readonly Setting[] = [
  ["NoNewPrivileges", "yes"],
  ["ProtectSystem", "strict"],
  // systemd 252 leaves /run writable under `strict` in a container.
  ["ReadOnlyPaths", "/run"],
  ["ProtectHome", "yes"],
  ["PrivateTmp", "yes"],
  ["PrivateDevices", "yes"],
  ["ProtectClock", "yes"],
  ["ProtectHostname", "yes"],
  ["ProtectControlGroups", "yes"],
  ["ProtectKernelLogs", "yes"],
  ["ProtectKernelModules", "yes"],
  ["ProtectKernelTunables", "yes"],
  ["RestrictNamespaces", "yes"],
  ["RestrictRealtime", "yes"],
  ["RestrictSUIDSGID", "yes"],
  ["RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK"],
  ["LockPersonality", "yes"],
  ["SystemCallArchitectures", "native"],
  ["SystemCallFilter", "@system-service"],
  ["SystemCallErrorNumber", "EPERM"],
];

/**
 * For a daemon that commands nothing on its machine: who reaches one of these sockets as uid 0 is root again, whatever
 * capabilities were taken away.
 */
export const NO_COMMAND: readonly Setting[] = [
  ["InaccessiblePaths", "-/run/dbus -/run/systemd/private -/run/docker.sock -/run/containerd"],
  ["CapabilityBoundingSet", ""],
  ["UMask", "0077"],
];
