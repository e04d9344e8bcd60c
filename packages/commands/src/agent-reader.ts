import type { JournalFormat, MachineId, UnitName } from "@quarterdeck/model";

/** Where a machine's agent listens, and who must answer there. */
export type AgentAddress = { readonly machine: MachineId; readonly address: string; readonly port: number };

export type JournalQuery = {
  readonly unit: UnitName;
  /** How many of the newest lines, 0 to 10 000. */
  readonly lines: number;
  /** Goes on until the signal fires. */
  readonly follow: boolean;
  /** Nothing older than this; seconds since 1970. */
  readonly sinceSeconds?: number | undefined;
  /** Only messages that this pattern of PCRE matches. */
  readonly grep?: string | undefined;
  /** As journalctl prints it. @default its short form with the whole time */
  readonly format?: JournalFormat | undefined;
};

/** `lines`: how many of the newest journal lines, 0 to 1000. */
export type UnitStatusQuery = { readonly unit: UnitName; readonly lines: number };

/** Reads that do not belong in etcd, answered by the agent of the machine. */
export type AgentReader = {
  /**
   * Journal lines, oldest first, without line ends.
   *
   * @throws {CodedError} MACHINE_UNREACHABLE · FORBIDDEN · NOT_FOUND
   */
  journal(at: AgentAddress, query: JournalQuery, signal: AbortSignal): AsyncIterable<string>;

  /**
   * A unit as `systemctl status` shows it there, with its newest journal lines.
   *
   * @throws {CodedError} MACHINE_UNREACHABLE · FORBIDDEN · FAILED when that machine has no such unit
   */
  status(at: AgentAddress, query: UnitStatusQuery, signal: AbortSignal): Promise<string>;
};
