/** Moves itself into control groups and becomes the command: an argument vector behind a constant script, nothing is spliced in. */
const ENTER_GROUPS = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1"; shift; n=$((n - 1)); done; exec "$@"';

/**
 * The arguments of `setpriv` that run a command in control groups (`cgroupEntries`: their `cgroup.procs` files) and tell it to end by SIGTERM when
 * this process dies, however it dies.
 */
export function endWithUs(cgroupEntries: readonly string[], argv: readonly string[]): readonly string[] {
  const groups = [String(cgroupEntries.length), ...cgroupEntries];
  return ["--pdeathsig", "TERM", "sh", "-c", ENTER_GROUPS, "sh", ...groups, ...argv];
}
