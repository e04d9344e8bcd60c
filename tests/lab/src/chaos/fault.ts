/** What happens to a machine, or to a process on it, and for how long. */
export type Fault = {
  readonly kind: FaultKind;
  readonly machine: string;
  /** The other one: of a cut between two machines, or of a split. */
  readonly other: string | null;
  /** Until it is undone; 0 for what is over at once. */
  readonly holdMs: number;
};

/**
 * The lab's menu: power cut, power button, reboot, SIGSTOP of all processes, cable pulled, cable to one machine pulled, bad cable, SIGKILL of a
 * process of Quarterdeck's, and `split`: two cables pulled, so that etcd has no quorum.
 */
export type FaultKind = keyof typeof FAULTS;

type Properties = {
  /** How often beside the others. */
  readonly weight: number;
  readonly holdMs: readonly [least: number, most: number];
  /** What it may do to units: `stop` those of its machine, `move` them (the machine may count as lost), or `none`. */
  readonly effect: "stop" | "move" | "none";
};

export const FAULTS = {
  kill: { weight: 3, holdMs: [1_000, 30_000], effect: "stop" },
  "power-off": { weight: 1, holdMs: [1_000, 20_000], effect: "stop" },
  reboot: { weight: 2, holdMs: [0, 0], effect: "stop" },
  freeze: { weight: 3, holdMs: [2_000, 30_000], effect: "move" },
  cut: { weight: 3, holdMs: [2_000, 30_000], effect: "move" },
  "cut-from": { weight: 2, holdMs: [5_000, 20_000], effect: "move" },
  slow: { weight: 1, holdMs: [10_000, 20_000], effect: "move" },
  split: { weight: 1, holdMs: [5_000, 25_000], effect: "move" },
  "kill-agent": { weight: 2, holdMs: [0, 0], effect: "none" },
  "kill-engine": { weight: 2, holdMs: [0, 0], effect: "none" },
  "kill-etcd": { weight: 2, holdMs: [0, 0], effect: "none" },
} as const satisfies Record<string, Properties>;

/** Fault and place on one line. */
export function nameOf({ kind, machine, other, holdMs }: Fault): string {
  const where = other === null ? machine : `${machine} and ${other}`;
  return `${kind} ${where}${holdMs === 0 ? "" : ` for ${(holdMs / 1_000).toFixed(1)} s`}`;
}

/** The machines that it reaches. */
export function reachOf({ machine, other, kind }: Fault): readonly string[] {
  return other === null || kind === "cut-from" ? [machine] : [machine, other];
}
