/** The text of `lab help`. */
export function usage(): string {
  return `lab: three (or more) real machines on this computer, and what can happen to them

  lab start                    what npm start does: boot everything, stay, stop on Ctrl-C
  lab prepare                  installs, fetches and builds what a start needs, and starts nothing
  lab list [-o json]           machines, their addresses and states
  lab add                      one more machine, a worker
  lab kill M                   cut the power
  lab power-off M              press the power button
  lab boot M                   power on; returns when it has joined
  lab reboot M
  lab freeze M | thaw M        stop all its processes; it still answers ping
  lab cut M [--from M2]        pull the network cable, or cut off from one machine only
  lab slow M --loss 5% [--rate 1mbit]
  lab disk-full M              leave no free block on its disk
  lab heal [M]                 undo cut, slow and disk-full, of one machine or of all
  lab shell M [--timeout 30s] -- argv…   run a command inside, without a shell in between; exit 124 when the time is up
  lab shell M                  an interactive shell inside, as root
  lab console M [--follow]     its journal since it was booted; what its init printed when it is off
  lab reset                    wipe disks and etcd data; the next start begins anew
  lab clean                    undo everything: caches and installed packages too

Environment: QUARTERDECK_HOME, QUARTERDECK_PORT (4646), QUARTERDECK_MACHINES (3), QUARTERDECK_EGRESS=1,
SLACK_BOT_TOKEN and SLACK_APP_TOKEN (real Slack instead of the sandbox), QUARTERDECK_LAB=plain (plain processes, also where machines could run). Exit codes are fleet's.
`;
}
