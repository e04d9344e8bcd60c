/**
 * The argument vector that runs a command with mounts and processes of its own, which all end with it, and with this process, however
 * that ends: a build that is killed half way leaves no mount and no orphan. Only root can do that; for others it is the command itself.
 */
export function contained(argv: readonly string[]): readonly string[] {
  if (process.getuid?.() !== 0) return argv;
  return [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    "--mount",
    "--propagation",
    "slave",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--",
    ...argv,
  ];
}
