import { setTimeout as wait } from "node:timers/promises";
import { CodedError, type UnitName } from "@quarterdeck/model";
import { DBusError, type Message } from "dbus-native";
import { aborted } from "../aborted.ts";
import { ChangeFeed } from "../change-feed.ts";
import {
  isAbsent,
  NOT_THERE,
  type JobResult,
  type UnitChange,
  type UnitManager,
  type UnitProperties,
} from "../ports.ts";
import { decodeNews, decodeProperties, decodeRow, questionsOf } from "./decode-properties.ts";
import { JobLedger } from "./job-ledger.ts";
import { SystemdConnection } from "./systemd-connection.ts";
import { unitObjectPath, unitOfObjectPath } from "./unit-object-path.ts";
import { wantersIn } from "./wanters-in.ts";

type Link = { readonly connection: SystemdConnection; readonly jobs: JobLedger };

const RECONNECT_MS = { first: 100, last: 5000 } as const;

/**
 * The real service manager, over its private socket. Connects by itself, and again after `systemctl daemon-reexec`; jobs that were
 * under way when the connection went reject with SYSTEMD_UNREACHABLE, and the next pass looks at what became of them.
 */
export class SystemdUnitManager implements UnitManager {
  readonly #socket: string;
  readonly #feed = new ChangeFeed();
  readonly #disposed = new AbortController();
  #link: Promise<Link> | null = null;

  constructor(socket = "/run/systemd/private") {
    this.#socket = socket;
  }

  /**
   * systemd forgets a unit that is down as soon as it has answered, and reads its files again for the next question: such a unit is asked one question for
   * all. Of one that is up the dozen that matter are asked one by one; for others systemd would read control groups, or go through all directories of
   * unit files.
   */
  async properties(unit: UnitName, signal: AbortSignal): Promise<UnitProperties> {
    const { connection } = await this.#connect(signal);
    const row = decodeRow(await connection.manager("ListUnitsByNames", signal, "as", [[unit]]));
    if (isAbsent(row)) return NOT_THERE;
    const call = { path: unitObjectPath(unit), interface: "org.freedesktop.DBus.Properties" };
    // An empty interface name asks for the properties of all interfaces: Unit's and Service's in one round trip.
    if (row.active === NOT_THERE.active)
      return decodeProperties(await connection.call({ ...call, member: "GetAll", signature: "s", body: [""] }, signal));
    const get = { ...call, member: "Get", signature: "ss" };
    const answers = questionsOf(unit).map(
      async ([of, property]) => [property, await connection.call({ ...get, body: [of, property] }, signal)] as const,
    );
    return decodeProperties(Object.fromEntries(await Promise.all(answers)));
  }

  start(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return this.#job("StartUnit", unit, signal);
  }

  async stop(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    try {
      return await this.#job("StopUnit", unit, signal);
    } catch (error) {
      if (isUnknownUnit(error)) return "done";
      throw error;
    }
  }

  restart(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return this.#job("RestartUnit", unit, signal);
  }

  async resetFailed(unit: UnitName, signal: AbortSignal): Promise<void> {
    try {
      const { connection } = await this.#connect(signal);
      await connection.manager("ResetFailedUnit", signal, "s", [unit]);
    } catch (error) {
      if (!isUnknownUnit(error)) throw error;
    }
  }

  async reload(signal: AbortSignal): Promise<void> {
    const { connection } = await this.#connect(signal);
    await connection.manager("Reload", signal);
    this.#feed.all();
  }

  async enable(unit: UnitName, signal: AbortSignal): Promise<readonly UnitName[]> {
    const { connection } = await this.#connect(signal);
    // By name: systemd finds the file through our link. The flags: until the next boot, and nothing of anybody else's is replaced.
    const reply = await connection.manager("EnableUnitFiles", signal, "asbb", [[unit], true, false]);
    return wantersIn(reply);
  }

  async disable(unit: UnitName, signal: AbortSignal): Promise<void> {
    try {
      const { connection } = await this.#connect(signal);
      await connection.manager("DisableUnitFiles", signal, "asb", [[unit], true]);
    } catch (error) {
      if (!isUnknownUnit(error)) throw error;
    }
  }

  async *changes(signal: AbortSignal): AsyncIterable<UnitChange> {
    const ended = AbortSignal.any([signal, this.#disposed.signal]);
    void this.#stayConnected(ended);
    yield* this.#feed.read(ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    const link = await this.#link?.catch(() => null);
    await link?.connection.close();
  }

  async #job(
    method: "StartUnit" | "StopUnit" | "RestartUnit",
    unit: UnitName,
    signal: AbortSignal,
  ): Promise<JobResult> {
    const { connection, jobs } = await this.#connect(signal);
    const either = AbortSignal.any([signal, connection.closed]);
    return jobs.run(async () => String(await connection.manager(method, either, "ss", [unit, "replace"])), either);
  }

  /** One link at a time, shared by all callers; a broken one is forgotten at once. */
  async #connect(signal: AbortSignal): Promise<Link> {
    signal.throwIfAborted();
    this.#link ??= this.#open();
    return this.#link;
  }

  async #open(): Promise<Link> {
    const jobs = new JobLedger();
    const forget = () => {
      this.#link = null;
    };
    try {
      const connection = await SystemdConnection.open(
        this.#socket,
        (message) => this.#receive(jobs, message),
        this.#disposed.signal,
      );
      if (connection.closed.aborted) forget();
      else connection.closed.addEventListener("abort", forget, { once: true });
      this.#feed.all();
      return { connection, jobs };
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Signals flow only while connected, so a reader of changes needs a connection even when nobody calls. */
  async #stayConnected(ended: AbortSignal): Promise<void> {
    let pauseMs: number = RECONNECT_MS.first;
    while (!ended.aborted) {
      try {
        const { connection } = await this.#connect(ended);
        pauseMs = RECONNECT_MS.first;
        await aborted(AbortSignal.any([ended, connection.closed]));
      } catch (error) {
        if (ended.aborted) return;
        if (!(error instanceof CodedError)) throw error;
        // Unreachable is what the loop is for; whoever calls meanwhile is told by the call itself.
        await wait(pauseMs, undefined, { signal: ended }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, RECONNECT_MS.last);
      }
    }
  }

  /** UnitNew and UnitRemoved say nothing that matters: asking for the properties of an unloaded unit causes both. */
  #receive(jobs: JobLedger, message: Message): void {
    const body = message.body ?? [];
    switch (message.member) {
      case "JobRemoved":
        jobs.removed(String(body[1]), String(body[3]) as JobResult);
        return;
      case "PropertiesChanged": {
        const unit = unitOfObjectPath(message.path ?? "");
        if (unit !== null) this.#feed.unit(unit, decodeNews(body));
        return;
      }
      case "Reloading":
        if (body[0] === false) this.#feed.all();
        return;
      default:
    }
  }
}

/** Of what is loaded, and of what is on disk. */
const UNKNOWN: ReadonlySet<string> = new Set([
  "org.freedesktop.systemd1.NoSuchUnit",
  "org.freedesktop.DBus.Error.FileNotFound",
  "System.Error.ENOENT",
]);

function isUnknownUnit(error: unknown): boolean {
  return (
    error instanceof CodedError &&
    error.code === "SYSTEMD_REFUSED" &&
    error.cause instanceof DBusError &&
    UNKNOWN.has(error.cause.dbusName ?? "")
  );
}
