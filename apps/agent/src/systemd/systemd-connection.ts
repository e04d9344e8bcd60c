import { CodedError } from "@quarterdeck/model";
import { ConnectionClosedError, DBusError, TimeoutError, sessionBus, type Message, type MessageBus } from "dbus-native";
import { describeRefusal } from "./describe-refusal.ts";

/** One method call on systemd. */
export type SystemdCall = {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
};

const SIGNAL = 4;
const NUDGE_MS = 20;
const MANAGER = { path: "/org/freedesktop/systemd1", interface: "org.freedesktop.systemd1.Manager" } as const;

/** systemd's private socket: no bus between us, so it works before D-Bus is up and while it is down. Serves root only. */
export class SystemdConnection {
  readonly #bus: MessageBus;
  readonly #closed = new AbortController();

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /**
   * Connects and subscribes to systemd's signals, which go to `onSignal` from then on.
   * @throws {CodedError} SYSTEMD_UNREACHABLE
   */
  static async open(
    socket: string,
    onSignal: (message: Message) => void,
    signal: AbortSignal,
  ): Promise<SystemdConnection> {
    const bus = sessionBus({ socket, direct: true, busAddress: `unix:path=${socket}`, authMethods: ["EXTERNAL"] });
    const connection = new SystemdConnection(bus);
    const lose = (cause?: Error) => connection.#closed.abort(unreachable(cause));
    bus.connection.on("error", lose);
    bus.connection.on("end", () => lose());
    bus.connection.on("close", lose);
    bus.connection.on("message", (message) => {
      if (message.type === SIGNAL) onSignal(message);
    });
    try {
      await connection.#subscribe(AbortSignal.any([signal, connection.closed]));
    } catch (error) {
      await bus.close();
      throw error;
    }
    return connection;
  }

  /** Aborts with SYSTEMD_UNREACHABLE when the connection is gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * The reply's value; an array when the reply has several.
   * @throws {CodedError} SYSTEMD_UNREACHABLE, SYSTEMD_REFUSED (its cause is the DBusError)
   */
  async call(call: SystemdCall, signal: AbortSignal): Promise<unknown> {
    const message: Message = { path: call.path, interface: call.interface, member: call.member };
    if (call.signature !== undefined)
      Object.assign(message, { signature: call.signature, body: [...(call.body ?? [])] });
    try {
      return await this.#bus.invoke<unknown>(message, { signal });
    } catch (error) {
      if (this.closed.aborted) throw unreachable(error);
      if (signal.aborted) throw signal.reason;
      if (error instanceof ConnectionClosedError || error instanceof TimeoutError) throw unreachable(error);
      if (error instanceof DBusError)
        throw new CodedError("SYSTEMD_REFUSED", describeRefusal(call, error), { cause: error });
      throw error;
    }
  }

  manager(member: string, signal: AbortSignal, signature?: string, body?: readonly unknown[]): Promise<unknown> {
    return this.call(
      { ...MANAGER, member, ...(signature === undefined ? {} : { signature, body: body ?? [] }) },
      signal,
    );
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }

  /**
   * The first call needs care: when the end of the handshake and a call reach systemd in one read, systemd leaves the call in its
   * buffer until more data comes. A ping is such data. The test "a peer that sleeps on the first call is woken" plays it.
   */
  async #subscribe(signal: AbortSignal): Promise<void> {
    const nudge = setInterval(() => {
      // Whether it is answered does not matter; a lost connection is told by the call below.
      this.call({ path: MANAGER.path, interface: "org.freedesktop.DBus.Peer", member: "Ping" }, signal).catch(
        () => undefined,
      );
    }, NUDGE_MS);
    try {
      await this.manager("Subscribe", signal);
    } finally {
      clearInterval(nudge);
    }
  }
}

function unreachable(cause: unknown): CodedError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new CodedError(
    "SYSTEMD_UNREACHABLE",
    { message: `systemd does not answer on its private socket${detail}`, try: "systemctl is-system-running" },
    { cause },
  );
}
