import type { EtcdClient, TlsMaterial } from "@quarterdeck/etcd";
import type { Actor, MachineId, Principal } from "@quarterdeck/model";
import type { AgentReader } from "./agent-reader.ts";
import type { Clock } from "./clock.ts";

/** Where a command was typed. */
export type Surface = "terminal" | "slack";

/** Where to open a shell, or run a command; `address` is an IP address. */
export type SshTarget = {
  readonly machine: MachineId;
  readonly address: string;
  readonly user: string;
  readonly port: number;
  readonly forwardAgent: boolean;
  /** Given to the machine's shell as ssh(1) does, joined by spaces; empty opens a shell. */
  readonly command: readonly string[];
};

/** What a command needs from where it was typed. */
export type CommandContext = {
  readonly etcd: EtcdClient;
  /** The certificate's name that `etcd` was opened with: requests are written under it. */
  readonly principal: Principal;
  /** Whom the bot speaks for; `null` in a terminal. */
  readonly slack: Actor["slack"];
  readonly surface: Surface;
  /** Named when the cluster does not answer. */
  readonly cluster?: { readonly name: string; readonly endpoints: readonly string[]; readonly hint: string };
  /** PEM of the cluster's authority (or of several, while one takes the other's place), as this client has it; the audit log is verified with it. */
  clusterCa(): Promise<string>;
  /** The files that `etcd` was opened with, for who examines them. */
  readonly tls?: TlsMaterial;
  readonly agent: AgentReader;
  readonly clock: Clock;
  /** A fresh random id of 8 to 64 of `A-Za-z0-9_-`; asked once per request. */
  newId(): string;
  /**
   * Makes a mutation repeatable: the request's id is derived from it, so that the same words run again after a crash, or
   * for a repeated delivery, find the request that is there. Unique per thing typed (Slack: the envelope's id).
   */
  readonly idempotencyKey?: string;
  /** Terminal only: the text of a file relative to the working directory, or `null` when there is no such file. */
  readUnitFile?(path: string): Promise<string | null>;
  /**
   * Terminal only: all of the standard input.
   * @throws {CodedError} USAGE when it is longer than etcd takes in one value
   */
  readInput?(signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Terminal only: the user's own OpenSSH, on this terminal, to its end. @returns its exit code, 255 when it could not connect
   * @throws {CodedError} NOT_FOUND where there is no ssh
   */
  openSsh?(target: SshTarget, signal: AbortSignal): Promise<number>;
  /** Slack only: the text of the ``` block, see {@link tokenize}. */
  readonly textBlock?: string | null;
  /** The engine is asked what a change would lead to, and changes nothing. @default false */
  readonly dryRun?: boolean;
  /** Asks a person yes or no; left out where nobody can be asked (no terminal, Slack: send the words again with `--yes`). */
  confirm?(question: string, signal: AbortSignal): Promise<boolean>;
};
