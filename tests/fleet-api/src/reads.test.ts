import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failed, HELLO, put, start } from "./asking.ts";
import { MACHINES, openFleetWorld, type FleetWorld } from "./fleet-world.ts";

let world: FleetWorld;

beforeEach(async () => {
  world = await openFleetWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const GLOBAL = [...HELLO, { section: "X-Fleet", name: "Global", value: "true" }];

describe("GET and DELETE of units", () => {
  test("a unit that does not exist is 404", async () => {
    for (const [method, name] of [
      ["GET", "hello.service"],
      ["DELETE", "hello.service"],
      ["GET", "ZZZ"],
    ] as const)
      expect((await world.ask(method, `/fleet/v1/units/${name}`)).body).toEqual(failed(404, "unit does not exist"));
  });

  test("a unit is destroyed: 204 without a body, and what runs of it is stopped", async () => {
    await start(world, "hello.service");
    expect(await world.ask("DELETE", "/fleet/v1/units/hello.service")).toMatchObject({ status: 204, text: "" });
    expect((await world.ask("GET", "/fleet/v1/units/hello.service")).status).toBe(404);
    await world.until("/fleet/v1/state", (reply) => reply.text === "{}");
  });

  test("the list is in order of names, of their bytes", async () => {
    for (const name of ["b.service", "a10.service", "a2.service", "B.service"])
      await put(world, name, { options: HELLO });
    const { units } = (await world.ask("GET", "/fleet/v1/units")).body as { units: { name: string }[] };
    expect(units.map(({ name }) => name)).toEqual(["B.service", "a10.service", "a2.service", "b.service"]);
  });

  test("a global unit has no machine; its current state is inactive in the list, and left out alone", async () => {
    expect((await put(world, "all.service", { options: GLOBAL, desiredState: "launched" })).status).toBe(201);
    await world.until("/fleet/v1/state", (reply) => ((reply.body as { states?: unknown[] }).states ?? []).length === 3);
    const expected = { name: "all.service", options: GLOBAL, desiredState: "launched" };
    expect((await world.ask("GET", "/fleet/v1/units/all.service")).body).toEqual(expected);
    expect((await world.ask("GET", "/fleet/v1/units")).body).toEqual({
      units: [{ ...expected, currentState: "inactive" }],
    });
  });
});

describe("GET /state", () => {
  test("says what systemd says, with fleet's hash of the options", async () => {
    await start(world, "hello.service");
    const state = await world.ask("GET", "/fleet/v1/state/hello.service");
    expect(state.body).toEqual({
      name: "hello.service",
      // Of "[Service]\nExecStart=/bin/sleep 1000\n", by sha1sum.
      hash: "2d432f4a06608c1a8b2848b66c836793a1d48ce6",
      machineID: expect.stringMatching(/^[abc]{32}$/),
      systemdLoadState: "loaded",
      systemdActiveState: "active",
      systemdSubState: "running",
    });
    expect((await world.ask("GET", "/fleet/v1/state")).body).toEqual({ states: [state.body] });
  });

  test("a unit that is on no machine has none", async () => {
    await put(world, "hello.service", { options: HELLO });
    expect((await world.ask("GET", "/fleet/v1/state")).body).toEqual({});
    expect((await world.ask("GET", "/fleet/v1/state/hello.service")).body).toEqual(
      failed(404, "unit state does not exist"),
    );
  });

  test("is in order of name and machine, and filtered by both", async () => {
    await put(world, "all.service", { options: GLOBAL, desiredState: "launched" });
    await start(world, "a.service");
    await world.until("/fleet/v1/state", (reply) => ((reply.body as { states?: unknown[] }).states ?? []).length === 4);
    const pairs = async (query: string) => {
      const { states } = (await world.ask("GET", `/fleet/v1/state${query}`)).body as {
        states: { name: string; machineID: string }[];
      };
      return states.map(({ name, machineID }) => `${name} ${machineID.slice(0, 1)}`);
    };
    expect((await pairs("")).slice(1)).toEqual(["all.service a", "all.service b", "all.service c"]);
    expect((await pairs("?unitName=a.service")).length).toBe(1);
    expect(await pairs(`?machineID=${"b".repeat(32)}&unitName=all.service`)).toEqual(["all.service b"]);
    expect((await world.ask("GET", "/fleet/v1/state?machineID=none")).body).toEqual({});
  });

  test("a machine that is lost is not spoken of", async () => {
    await start(world, "hello.service", [...HELLO, { section: "X-Fleet", name: "MachineID", value: "b".repeat(32) }]);
    await world.cut(MACHINES[0]);
    await world.until("/fleet/v1/state", (reply) => reply.text === "{}");
  });
});

describe("GET and PATCH /machines", () => {
  test("those that are there, by id, with address and metadata", async () => {
    const { machines } = (await world.ask("GET", "/fleet/v1/machines")).body as { machines: unknown[] };
    expect(machines).toEqual(
      MACHINES.toSorted().map((id) => ({ id, primaryIP: expect.any(String), metadata: { role: "worker" } })),
    );
  });

  const path = `/${"a".repeat(32)}/metadata/zone`;
  test.each([
    [
      "an operation that there is not",
      [{ op: "noop", path, value: { value: "x" } }],
      "invalid op: expect add, remove, or replace",
    ],
    ["a path to something else", [{ op: "remove", path: "/XXX/foo" }], "machine metadata path invalid"],
    ["no value", [{ op: "add", path }], "invalid value: add and replace require a value"],
    [
      "an empty value",
      [{ op: "replace", path, value: { value: "" } }],
      "invalid value: add and replace require a value",
    ],
  ])("%s is refused: 400", async (_, body, message) => {
    expect((await world.ask("PATCH", "/fleet/v1/machines", { body })).body).toEqual(failed(400, message));
  });

  test("a body that is no patch is refused: 400", async () => {
    expect((await world.ask("PATCH", "/fleet/v1/machines", { body: "{}" })).status).toBe(400);
  });

  test("a value that no unit could ask for is refused, and nothing of the patch is done: 400", async () => {
    const body = [
      { op: "add", path: `/${MACHINES[0]}/metadata/rack`, value: { value: "r1" } },
      { op: "add", path, value: { value: "a b" } },
    ];
    expect((await world.ask("PATCH", "/fleet/v1/machines", { body })).body).toEqual(
      failed(400, /^invalid value: zone/),
    );
    expect((await world.ask("GET", "/fleet/v1/machines")).text).not.toContain("rack");
  });

  test("metadata is added, replaced and removed, the next answer shows it: 204", async () => {
    const [machine] = MACHINES;
    const metadataOf = async () => {
      const { machines } = (await world.ask("GET", "/fleet/v1/machines")).body as {
        machines: { id: string; metadata?: Record<string, string> }[];
      };
      return machines.find(({ id }) => id === machine)?.metadata;
    };
    const patch = (...body: readonly unknown[]) => world.ask("PATCH", "/fleet/v1/machines", { body });
    const added = await patch(
      { op: "add", path: `/${machine}/metadata/zone`, value: { value: "a" } },
      { op: "replace", path: `/${machine}/metadata/role`, value: "db" },
    );
    expect([added.status, added.text]).toEqual([204, ""]);
    expect(await metadataOf()).toEqual({ role: "db", zone: "a" });
    expect((await patch({ op: "remove", path: `/${machine}/metadata/zone` })).status).toBe(204);
    expect((await patch({ op: "add", path: `/${machine}/metadata/role`, value: "worker" })).status).toBe(204);
    expect(await metadataOf()).toEqual({ role: "worker" });
  });

  test("a machine that never joined has no metadata to change: 404", async () => {
    const body = [{ op: "add", path: `/${"9".repeat(32)}/metadata/zone`, value: { value: "x" } }];
    expect((await world.ask("PATCH", "/fleet/v1/machines", { body })).body).toEqual(
      failed(404, /never joined|does not exist/),
    );
  });
});
