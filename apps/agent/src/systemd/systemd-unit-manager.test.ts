import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { createServer, type DBusConnection, type Message } from "dbus-native";
import { expect, test } from "vitest";
import type { UnitChange } from "../ports.ts";
import { SystemdUnitManager } from "./systemd-unit-manager.ts";

const unit = "hello.service" as UnitName;
const signal = AbortSignal.timeout(20_000);
const JOB = "/org/freedesktop/systemd1/job/7";

/** A peer that speaks systemd's private protocol as far as a test says. */
class PeerSystemd implements AsyncDisposable {
  readonly socket: string;
  readonly members: string[] = [];
  /** The test's answer is asked about Subscribe, too. */
  sleeps = false;
  readonly #dir: string;
  readonly #server: Server;
  readonly #connections: DBusConnection[] = [];

  static async listen(answer: (call: Message, peer: DBusConnection) => void): Promise<PeerSystemd> {
    const dir = await mkdtemp(join(tmpdir(), "quarterdeck-dbus-"));
    const peer = new PeerSystemd(dir, answer);
    peer.#server.listen(peer.socket);
    await once(peer.#server, "listening");
    return peer;
  }

  private constructor(dir: string, answer: (call: Message, peer: DBusConnection) => void) {
    this.#dir = dir;
    this.socket = join(dir, "private");
    this.#server = (
      createServer((connection) => {
        this.#connections.push(connection);
        connection.on("error", () => undefined);
        connection.on("message", (message) => {
          if (message.type !== 1) return;
          // Pings come or not, as fast as this computer is.
          if (message.member === "Ping" && !this.sleeps) return;
          if (message.member !== "Ping") this.members.push(message.member ?? "");
          if (message.member === "Subscribe" && !this.sleeps) reply(connection, message);
          else answer(message, connection);
        });
      }) as unknown as { server: Server }
    ).server;
  }

  dropConnections(): void {
    for (const connection of this.#connections.splice(0)) connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropConnections();
    this.#server.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

let serial = 1000;

function reply(peer: DBusConnection, call: Message, signature?: string, ...body: readonly unknown[]): void {
  serial += 1;
  peer.message({
    type: 2,
    serial,
    replySerial: call.serial ?? 0,
    ...(signature === undefined ? {} : { signature, body: [...body] }),
  });
}

function refuse(
  peer: DBusConnection,
  call: Message,
  { errorName, said }: { readonly errorName: string; readonly said: string },
): void {
  serial += 1;
  peer.message({
    type: 3,
    serial,
    replySerial: call.serial ?? 0,
    errorName,
    signature: "s",
    body: [said],
  });
}

function jobRemoved(peer: DBusConnection, path: string, result: string): void {
  serial += 1;
  peer.message({
    type: 4,
    serial,
    path: "/org/freedesktop/systemd1",
    interface: "org.freedesktop.systemd1.Manager",
    member: "JobRemoved",
    signature: "uoss",
    body: [7, path, unit, result],
  });
}

test("a job whose end is signalled before the reply that names it is not missed", async () => {
  await using peer = await PeerSystemd.listen((call, connection) => {
    jobRemoved(connection, JOB, "failed");
    reply(connection, call, "o", JOB);
  });
  await using manager = new SystemdUnitManager(peer.socket);
  expect(await manager.start(unit, signal)).toBe("failed");
  expect(peer.members).toEqual(["Subscribe", "StartUnit"]);
});

test("the end of somebody else's job is not taken for ours", async () => {
  await using peer = await PeerSystemd.listen((call, connection) => {
    jobRemoved(connection, "/org/freedesktop/systemd1/job/6", "failed");
    reply(connection, call, "o", JOB);
    jobRemoved(connection, JOB, "done");
  });
  await using manager = new SystemdUnitManager(peer.socket);
  expect(await manager.stop(unit, signal)).toBe("done");
});

test.each([
  [
    "UnitMasked",
    "Unit hello.service is masked.",
    "systemd did not start hello.service: Unit hello.service is masked",
    { try: "systemctl unmask hello.service on the machine" },
  ],
  [
    "BadUnitSetting",
    "Unit hello.service has a bad unit file setting.",
    "systemd did not start hello.service: Unit hello.service has a bad unit file setting",
    { try: "fleet cat hello.service > hello.service, then fleet verify hello.service" },
  ],
  ["Shutdown", "", "systemd did not start hello.service: it gave no reason", {}],
])(
  "a refusal is told in systemd's own words, with the name %s of its error behind them",
  async (name, said, message, hint) => {
    await using peer = await PeerSystemd.listen((call, connection) =>
      refuse(connection, call, { errorName: `org.freedesktop.systemd1.${name}`, said: said }),
    );
    await using manager = new SystemdUnitManager(peer.socket);
    await expect(manager.start(unit, signal)).rejects.toMatchObject({
      code: "SYSTEMD_REFUSED",
      message,
      problem: { why: `StartUnit was answered with org.freedesktop.systemd1.${name}`, ...hint },
    });
  },
);

test("a unit that systemd does not know is stopped already", async () => {
  await using peer = await PeerSystemd.listen((call, connection) =>
    refuse(connection, call, {
      errorName: "org.freedesktop.systemd1.NoSuchUnit",
      said: "Unit hello.service not loaded.",
    }),
  );
  await using manager = new SystemdUnitManager(peer.socket);
  expect(await manager.stop(unit, signal)).toBe("done");
});

test("a job under way when the connection goes is SYSTEMD_UNREACHABLE, and the next call connects anew", async () => {
  let drop = true;
  await using peer: PeerSystemd = await PeerSystemd.listen((call, connection) => {
    reply(connection, call, "o", JOB);
    if (drop) peer.dropConnections();
    else jobRemoved(connection, JOB, "done");
    drop = false;
  });
  await using manager = new SystemdUnitManager(peer.socket);
  await expect(manager.start(unit, signal)).rejects.toMatchObject({ code: "SYSTEMD_UNREACHABLE" });
  expect(await manager.start(unit, signal)).toBe("done");
});

test("without a systemd every call says so", async () => {
  await using manager = new SystemdUnitManager("/nonexistent/private");
  await expect(manager.properties(unit, signal)).rejects.toMatchObject({ code: "SYSTEMD_UNREACHABLE" });
});

test("a connection that comes back says that anything may have changed", async () => {
  await using peer = await PeerSystemd.listen(() => undefined);
  await using manager = new SystemdUnitManager(peer.socket);
  const stop = new AbortController();
  const changes = manager.changes(stop.signal)[Symbol.asyncIterator]();
  await changes.next();
  await expect.poll(() => peer.members).toEqual(["Subscribe"]);
  await changes.next();
  peer.dropConnections();
  expect((await changes.next()).value).toMatchObject({ all: true });
  expect(peer.members).toEqual(["Subscribe", "Subscribe"]);
  stop.abort();
  expect((await changes.next()).done).toBe(true);
});

test("a peer that sleeps on the first call is woken", async () => {
  let asleep: Message | null = null;
  await using peer = await PeerSystemd.listen((call, connection) => {
    if (call.member === "Subscribe") asleep = call;
    else if (call.member === "Ping" && asleep !== null) reply(connection, asleep);
    else reply(connection, call);
  });
  peer.sleeps = true;
  await using manager = new SystemdUnitManager(peer.socket);
  await manager.reload(signal);
  expect(peer.members).toEqual(["Subscribe", "Reload"]);
});

test("a unit is enabled for this boot alone, and those who want it are read from the answer", async () => {
  const bodies: unknown[] = [];
  await using peer = await PeerSystemd.listen((call, connection) => {
    bodies.push([call.signature, call.body]);
    if (call.member === "DisableUnitFiles") reply(connection, call, "a(sss)", []);
    else
      reply(connection, call, "ba(sss)", true, [
        ["symlink", "/run/systemd/system/web.service.wants/hello.service", "/run/quarterdeck/units/hello.service"],
      ]);
  });
  await using manager = new SystemdUnitManager(peer.socket);
  expect(await manager.enable(unit, signal)).toEqual(["web.service"]);
  await manager.disable(unit, signal);
  expect(peer.members).toEqual(["Subscribe", "EnableUnitFiles", "DisableUnitFiles"]);
  expect(bodies).toEqual([
    ["asbb", [["hello.service"], true, false]],
    ["asb", [["hello.service"], true]],
  ]);
});

test("an [Install] that systemd refuses is told with the unit's name", async () => {
  await using peer = await PeerSystemd.listen((call, connection) =>
    refuse(connection, call, {
      errorName: "org.freedesktop.DBus.Error.InvalidArgs",
      said: '"bad/name" is not a valid unit name.',
    }),
  );
  await using manager = new SystemdUnitManager(peer.socket);
  await expect(manager.enable(unit, signal)).rejects.toMatchObject({
    code: "SYSTEMD_REFUSED",
    message: 'systemd did not enable hello.service: "bad/name" is not a valid unit name',
  });
});

const row = (load: string, active: string) =>
  ["hello.service", "Hello", load, active, "dead", "", "/org/freedesktop/systemd1/unit/x", 0, "", "/"] as const;
const ROWS = "a(ssssssouso)";

const UP = {
  LoadState: ["s", "loaded"],
  ActiveState: ["s", "active"],
  SubState: ["s", "running"],
  InvocationID: ["ay", Buffer.from("ab".repeat(16), "hex")],
  NeedDaemonReload: ["b", false],
  FragmentPath: ["s", "/run/systemd/system/hello.service"],
  StateChangeTimestamp: ["t", 3_000_000n],
  ActiveEnterTimestamp: ["t", 2_000_000n],
  InactiveEnterTimestamp: ["t", 1_000_000n],
  Result: ["s", "success"],
  NRestarts: ["u", 2],
  MainPID: ["u", 77],
} as const;
const PROPERTIES = {
  load: "loaded",
  active: "active",
  sub: "running",
  result: "success",
  restarts: 2,
  invocationId: "ab".repeat(16),
  mainPid: 77,
  needReload: false,
  fragmentPath: "/run/systemd/system/hello.service",
  stateChangedAtMs: 2000,
};

test("a unit that is not there is asked one question", async () => {
  await using peer = await PeerSystemd.listen((call, connection) =>
    reply(connection, call, ROWS, [row("not-found", "inactive")]),
  );
  await using manager = new SystemdUnitManager(peer.socket);
  expect(await manager.properties(unit, signal)).toMatchObject({ load: "not-found", active: "inactive" });
  expect(peer.members).toEqual(["Subscribe", "ListUnitsByNames"]);
});

test("a unit that is up is asked for what matters alone, one that is down for all at once", async () => {
  let active = "active";
  const asked = new Set<unknown>();
  await using peer = await PeerSystemd.listen((call, connection) => {
    if (call.member === "ListUnitsByNames") reply(connection, call, ROWS, [row("loaded", active)]);
    else if (call.member === "GetAll")
      reply(connection, call, "a{sv}", Object.entries({ ...UP, ActiveState: ["s", "inactive"] as const }));
    else {
      asked.add(call.body?.[1]);
      reply(connection, call, "v", UP[call.body?.[1] as keyof typeof UP]);
    }
  });
  await using manager = new SystemdUnitManager(peer.socket);
  expect(await manager.properties(unit, signal)).toEqual(PROPERTIES);
  expect(asked).toEqual(new Set(Object.keys(UP)));
  active = "inactive";
  expect(await manager.properties(unit, signal)).toEqual({ ...PROPERTIES, active: "inactive", stateChangedAtMs: 1000 });
  expect(peer.members.at(-1)).toBe("GetAll");
});

test("what systemd tells of a change is passed on as news of the unit, and what is not as it should be as a reason to ask", async () => {
  let told: DBusConnection | null = null;
  await using peer = await PeerSystemd.listen((call, connection) => {
    told = connection;
    reply(connection, call);
  });
  await using manager = new SystemdUnitManager(peer.socket);
  const stop = new AbortController();
  const changes = manager.changes(stop.signal)[Symbol.asyncIterator]();
  await changes.next();
  await manager.reload(signal);
  await changes.next();
  const tell = (of: string, values: object): void => {
    serial += 1;
    (told as DBusConnection | null)?.message({
      type: 4,
      serial,
      path: "/org/freedesktop/systemd1/unit/hello_2eservice",
      interface: "org.freedesktop.DBus.Properties",
      member: "PropertiesChanged",
      signature: "sa{sv}as",
      body: [of, Object.entries(values), []],
    });
  };
  const { Result, NRestarts, MainPID, ...ofUnit } = UP;
  tell("org.freedesktop.systemd1.Service", { Result, NRestarts, MainPID });
  const first = (await changes.next()).value as UnitChange;
  expect([...first.units]).toEqual([["hello.service", { result: "success", restarts: 2, mainPid: 77 }]]);
  tell("org.freedesktop.systemd1.Unit", ofUnit);
  const second = (await changes.next()).value as UnitChange;
  const { active, sub, invocationId, stateChangedAtMs } = PROPERTIES;
  expect([...second.units]).toEqual([["hello.service", { active, sub, invocationId, stateChangedAtMs }]]);
  tell("org.freedesktop.systemd1.Unit", { ActiveState: ["s", "active"] });
  const third = (await changes.next()).value as UnitChange;
  expect([...third.units]).toEqual([["hello.service", null]]);
  stop.abort();
});
