import type { MachineId, UnitName } from "@quarterdeck/model";

/** Where a machine's agent listens, and who must answer there. */
export type AgentAddress = { readonly machine: MachineId; readonly address: string; readonly port: number };

export type JournalQuery = {
  readonly unit: UnitName;
  /** How many of the newest lines, 0 to 10 000. */
  readonly lines: number;
  /** Goes on until the signal fires. */
  readonly follow: boolean;
};

/** Reads that do not belong in etcd, answered by the agent of the machine. */
export type AgentReader = {
  /**
   * Journal lines, oldest first, without line ends.
   *
   * @throws {CodedError} MACHINE_UNREACHABLE · FORBIDDEN · NOT_FOUND
   */
  journal(at: AgentAddress, query: JournalQuery, signal: AbortSignal): AsyncIterable<string>;
};
