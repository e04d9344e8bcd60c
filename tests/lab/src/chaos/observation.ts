/** One look at everything, by systemd's own word. */
export type Observation = {
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly machines: readonly ObservedMachine[];
};

export type ObservedMachine = {
  readonly name: string;
  /** The lab's word: only a `running` or `cut` machine can be asked. */
  readonly state: string;
  /** What was asked for and is active; null when the machine could not be asked. */
  readonly active: ReadonlyMap<string, Invocation> | null;
};

/** systemd's id of one start of a unit: another one means that it was started anew. @see systemd.exec(5) "$INVOCATION_ID" */
export type Invocation = string;
