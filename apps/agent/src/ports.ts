import type { UnitName } from "@quarterdeck/model";

/** What the service manager says of one unit. A unit that it does not know has `load` "not-found" and `active` "inactive". */
export type UnitProperties = {
  /** systemd's LoadState, ActiveState, SubState and Result. @see org.freedesktop.systemd1(5) */
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** `success` for units that have no Result, such as targets. */
  readonly result: string;
  /** NRestarts; 0 for what is not a service. */
  readonly restarts: number;
  /** 32 hex digits, other with every start; empty while it has never run. */
  readonly invocationId: string;
  /** 0 while nothing runs. */
  readonly mainPid: number;
  /** The file on disk is newer than what the service manager holds. */
  readonly needReload: boolean;
  /** The file it was loaded from; empty when there is none. */
  readonly fragmentPath: string;
  /** Since when `active` is what it is, in milliseconds since 1970; a restart moves it; 0 when unknown. */
  readonly stateChangedAtMs: number;
};

/** What the service manager says of a unit that it does not know. */
export const NOT_THERE: UnitProperties = {
  load: "not-found",
  active: "inactive",
  sub: "dead",
  result: "success",
  restarts: 0,
  invocationId: "",
  mainPid: 0,
  needReload: false,
  fragmentPath: "",
  stateChangedAtMs: 0,
};

/** No file by that name, and nothing of it left. */
export function isAbsent({ load, active }: Pick<UnitProperties, "load" | "active">): boolean {
  return load === NOT_THERE.load && active === NOT_THERE.active;
}

/** Whether processes of it may be there, by systemd's ActiveState. */
export function isUp({ active }: Pick<UnitProperties, "active">): boolean {
  return active !== "inactive" && active !== "failed";
}

/** How a job ended. `done` is success; the rest are the service manager's own words. @see org.freedesktop.systemd1(5) "JobRemoved" */
export type JobResult =
  | "done"
  | "canceled"
  | "timeout"
  | "failed"
  | "dependency"
  | "skipped"
  | "invalid"
  | "assert"
  | "unsupported"
  | "collected"
  | "once";

/** What was said of a unit when it changed, newer than all that was asked before; `null` when it has to be asked. */
export type UnitNews = Partial<UnitProperties> | null;

/** `all`: anything may have changed (a new connection, a reload); else the units that did. */
export type UnitChange = { readonly all: boolean; readonly units: ReadonlyMap<string, UnitNews> };

/**
 * The service manager of this machine. Every call may throw `SYSTEMD_UNREACHABLE` (retryable: nothing is known of what happened) and
 * `SYSTEMD_REFUSED` (it answered no: a bad unit file, a masked unit). Disposing it leaves every unit as it is.
 */
export type UnitManager = AsyncDisposable & {
  /** Never throws for a unit that does not exist. */
  properties(unit: UnitName, signal: AbortSignal): Promise<UnitProperties>;
  /** Resolves when the job is over: a simple service runs, a notify service is ready, a oneshot has ended. Active already: `done` at once. */
  start(unit: UnitName, signal: AbortSignal): Promise<JobResult>;
  /** Resolves when it is down, at the latest after the unit's TimeoutStopSec; takes the place of a start that is under way. Not there: `done`. */
  stop(unit: UnitName, signal: AbortSignal): Promise<JobResult>;
  /** Starts what is not running. */
  restart(unit: UnitName, signal: AbortSignal): Promise<JobResult>;
  /** Lets a failed unit be inactive again and forgets its start limit; no error when there is nothing to forget. */
  resetFailed(unit: UnitName, signal: AbortSignal): Promise<void>;
  /** Reads all unit files again; dear (100 ms and more), only needed for a unit with `needReload`. */
  reload(signal: AbortSignal): Promise<void>;
  /**
   * Makes the unit's `[Install]` true until the next boot. Returns the units that it is a dependency of from now on: those that hold their old
   * dependencies see it with the next reload, the others when they are loaded. Empty when nothing changed, or the file has no `[Install]`.
   */
  enable(unit: UnitName, signal: AbortSignal): Promise<readonly UnitName[]>;
  /** Takes back what {@link UnitManager.enable} did; the unit's link may go with it. No error when there is nothing to take back. */
  disable(unit: UnitName, signal: AbortSignal): Promise<void>;
  /** Yields when something may have changed, coalesced while the reader is busy; begins with `all`. One reader at a time. Ends by the signal. */
  changes(signal: AbortSignal): AsyncIterable<UnitChange>;
};

/** What this machine's singletons run behind: a unit that they are bound to, and that ends unless etcd goes on acknowledging the machine's lease. */
export type Fence = {
  /** How long a singleton may take to stop, all steps of it together. */
  readonly stopSeconds: number;
  /** Whether etcd confirms, on a lease that it acknowledges, that the unit's entry of this revision is in force. */
  permits(unit: UnitName, revision: string): boolean;
  /** Whether singletons run here or may; it is said with each pass, and until the first they may. */
  need(isNeeded: boolean): void;
  /** Ends it, and all singletons with it. No error when it is down. */
  lower(signal: AbortSignal): Promise<void>;
};

/** Tells waking from waiting apart in tests; milliseconds. */
export type Clock = {
  now(): Date;
  /** Rejects with the signal's reason when it aborts first. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
};
