import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failed, HELLO, put, start, stateIs } from "./asking.ts";
import { openFleetWorld, type FleetWorld } from "./fleet-world.ts";

let world: FleetWorld;

beforeEach(async () => {
  world = await openFleetWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const OTHER = [{ section: "Service", name: "ExecStart", value: "/bin/sleep 2000" }];

describe("PUT /units/{name}", () => {
  test("makes a unit: 201 without a body, inactive unless it is said otherwise", async () => {
    const made = await put(world, "hello.service", { name: "hello.service", options: HELLO });
    expect(made).toMatchObject({ status: 201, text: "" });
    expect((await world.ask("GET", "/fleet/v1/units/hello.service")).body).toEqual({
      name: "hello.service",
      options: HELLO,
      desiredState: "inactive",
      currentState: "inactive",
    });
  });

  test("the name may be left out of the body", async () => {
    expect((await put(world, "hello.service", { options: HELLO })).status).toBe(201);
  });

  test.each([
    ["loaded", "inactive"],
    ["launched", "active"],
  ])("a unit that is to be %s at once is", async (desiredState, active) => {
    expect((await put(world, "hello.service", { options: HELLO, desiredState })).status).toBe(201);
    const unit = await world.until("/fleet/v1/units/hello.service", stateIs(desiredState));
    expect(unit.body).toMatchObject({ desiredState, machineID: expect.stringMatching(/^[abc]{32}$/) });
    expect((await world.ask("GET", "/fleet/v1/state/hello.service")).body).toMatchObject({
      systemdActiveState: active,
    });
  });

  test("changes the state that is desired of a unit: 204 without a body", async () => {
    await put(world, "hello.service", { options: HELLO });
    expect(await put(world, "hello.service", { desiredState: "launched" })).toMatchObject({ status: 204, text: "" });
    await world.until("/fleet/v1/units/hello.service", stateIs("launched"));
    expect((await put(world, "hello.service", { desiredState: "inactive" })).status).toBe(204);
    await world.until("/fleet/v1/units/hello.service", stateIs("inactive"));
    expect((await world.ask("GET", "/fleet/v1/state")).body).toEqual({});
  });

  test("the same options again change only the state, and need one", async () => {
    await put(world, "hello.service", { options: HELLO });
    expect((await put(world, "hello.service", { options: HELLO, desiredState: "loaded" })).status).toBe(204);
    expect((await put(world, "hello.service", { options: HELLO })).body).toEqual(
      failed(409, "must provide DesiredState to update existing unit"),
    );
  });

  test("other options replace the unit, which is inactive then: 201", async () => {
    await start(world, "hello.service");
    expect((await put(world, "hello.service", { options: OTHER })).status).toBe(201);
    const unit = await world.until("/fleet/v1/units/hello.service", stateIs("inactive"));
    expect(unit.body).toMatchObject({ options: OTHER, desiredState: "inactive" });
  });

  test("a unit that does not exist is not made without options", async () => {
    expect((await put(world, "hello.service", { desiredState: "launched" })).body).toEqual(
      failed(409, "unit does not exist and options field empty"),
    );
  });

  test("a name that differs from the path's is refused", async () => {
    expect((await put(world, "hello.service", { name: "other.service", options: HELLO })).body).toEqual(
      failed(400, 'name in URL "hello.service" differs from unit name in request body "other.service"'),
    );
  });

  test.each([
    ["hello", 'unit name must contain "."'],
    ["hello.", 'unit name cannot end in "."'],
    ["hello.unit", 'invalid unit type: "unit"'],
    ["hello@1.mount", 'invalid unit type for template: "mount"'],
    ["h%C3%A9llo.service", "invalid character 'é' in unit name"],
    ["he%20llo.service", "invalid character ' ' in unit name"],
    ["@1.service", 'unit name cannot start in "@"'],
    [`${"x".repeat(256)}.service`, "unit name exceeds maximum length (256)"],
  ])("%s is no name", async (name, message) => {
    expect((await put(world, name, { options: HELLO })).body).toEqual(failed(400, message));
  });

  test("a template is known, and never started", async () => {
    expect((await put(world, "hello@.service", { options: HELLO })).status).toBe(201);
    const refused = failed(400, /^cannot activate template "(?:hello|other)@\.service"$/);
    expect((await put(world, "hello@.service", { desiredState: "launched" })).body).toEqual(refused);
    expect((await put(world, "other@.service", { options: HELLO, desiredState: "loaded" })).body).toEqual(refused);
    expect((await put(world, "hello@.service", { desiredState: "inactive" })).status).toBe(204);
    expect((await put(world, "hello@.service", { options: OTHER })).status).toBe(201);
    expect((await world.ask("GET", "/fleet/v1/units/hello@.service")).body).toMatchObject({ options: OTHER });
  });

  const fleet = (name: string, value: string) => ({ section: "X-Fleet", name, value });
  test.each([
    ["MachineID and MachineOf", [fleet("MachineID", "a".repeat(32)), fleet("MachineOf", "b.service")]],
    ["MachineID and Conflicts", [fleet("MachineID", "a".repeat(32)), fleet("Conflicts", "b*")]],
    ["MachineID and Global", [fleet("MachineID", "a".repeat(32)), fleet("Global", "true")]],
    ["MachineID and Replaces", [fleet("MachineID", "a".repeat(32)), fleet("Replaces", "b.service")]],
    ["Global and MachineOf", [fleet("Global", "true"), fleet("MachineOf", "b.service")]],
    ["Global and Replaces", [fleet("Global", "true"), fleet("Replaces", "b.service")]],
    ["Conflicts and Replaces", [fleet("Conflicts", "b*"), fleet("Replaces", "c.service")]],
    ["MachineOf and a Conflicts that matches it", [fleet("MachineOf", "b.service"), fleet("Conflicts", "b*")]],
    ["MachineOf and a Replaces that matches it", [fleet("MachineOf", "b.service"), fleet("Replaces", "b.service")]],
    ["a key that there is not", [fleet("MachineOff", "b.service")]],
  ])("%s are refused together: 400", async (_, options) => {
    const reply = await put(world, "hello.service", { options: [...HELLO, ...options] });
    expect(reply.body).toEqual(failed(400, /^hello\.service:/));
  });

  test.each([
    ["none", {}, "expected 1 Content-Type, got 0"],
    ["of another kind", { "content-type": "text/plain" }, "only acceptable Content-Type is application/json"],
    ["twice", { "content-type": ["application/json", "application/json"] }, "expected 1 Content-Type, got 2"],
  ])("a content type that is %s: 415", async (_, headers, message) => {
    const reply = await world.ask("PUT", "/fleet/v1/units/hello.service", {
      body: "",
      headers: { "content-type": [], ...headers },
    });
    expect(reply.body).toEqual(failed(415, message));
  });

  test("a content type may have parameters", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await world.ask("PUT", "/fleet/v1/units/a.service", { body: { options: HELLO }, headers })).status).toBe(
      201,
    );
  });

  test.each([["{"], ["[]"], ['{"options":{}}'], ['{"options":[{"name":1}]}'], ['{"desiredState":"running"}']])(
    "a body that cannot be read, %s: 400",
    async (body) => {
      expect((await world.ask("PUT", "/fleet/v1/units/hello.service", { body })).body).toEqual(
        failed(400, /^unable to decode body: /),
      );
    },
  );

  test("a body without end is refused: 413", async () => {
    const options = [{ section: "Service", name: "ExecStart", value: "x".repeat(2 * 1024 * 1024) }];
    expect((await put(world, "hello.service", { options })).status).toBe(413);
  });

  test("an option that would become several lines is refused", async () => {
    const options = [{ section: "Service", name: "ExecStart", value: "/bin/true\n[X-Fleet]\nGlobal=true" }];
    expect((await put(world, "hello.service", { options })).body).toEqual(failed(400, /one line of a unit file/));
  });

  test("options come back as they were sent: order, repeated keys, resets, continuation lines", async () => {
    const options = [
      { section: "Unit", name: "After", value: "a.service" },
      { section: "Unit", name: "After", value: "b.service" },
      { section: "Service", name: "ExecStart", value: "/bin/sh -c \\\n  'sleep 1; \\\n  sleep 2'" },
      { section: "Service", name: "Environment", value: 'A=1 "B=2 3"' },
      { section: "Service", name: "ExecStop" },
    ];
    await put(world, "hello.service", { options });
    expect((await world.ask("GET", "/fleet/v1/units/hello.service")).body).toMatchObject({ options });
  });

  test("what policy forbids is 403 and says why", async () => {
    await put(world, "hello.service", { options: HELLO });
    await world.allowOnly("submit");
    expect((await put(world, "hello.service", { desiredState: "launched" })).body).toEqual(failed(403, /^FORBIDDEN: /));
  });
});
