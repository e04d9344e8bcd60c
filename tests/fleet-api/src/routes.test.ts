import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failed, HELLO, put } from "./asking.ts";
import { openFleetWorld, type FleetWorld } from "./fleet-world.ts";

let world: FleetWorld;

beforeEach(async () => {
  world = await openFleetWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("paths and methods", () => {
  test.each([
    ["GET", "/", 405],
    ["GET", "/fleet/v1", 405],
    ["GET", "/v1-alpha", 405],
    ["GET", "/nothing", 404],
    ["GET", "/fleet/v1/", 404],
    ["GET", "/fleet/v1/nothing", 404],
    ["GET", "/fleet/v1/units/", 404],
    ["GET", "/fleet/v1/units/a/b", 404],
    ["GET", "/fleet/v1/units/a%2Fb.service", 404],
    ["GET", "/fleet/v1/machines/a", 404],
  ])("%s %s is %i without a message", async (method, path, status) => {
    const reply = await world.ask(method, path);
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual(failed(status, ""));
  });

  test.each([
    ["POST", "/fleet/v1/units", 405, "only GET supported against this resource"],
    ["POST", "/fleet/v1/units/a.service", 405, "only GET, PUT and DELETE supported against this resource"],
    ["PUT", "/fleet/v1/state", 405, "only GET supported against this resource"],
    ["DELETE", "/fleet/v1/state/a.service", 405, "only GET supported against this resource"],
    ["POST", "/fleet/v1/machines", 405, "only GET and PATCH supported against this resource"],
    ["POST", "/fleet/v1/discovery", 400, "only HTTP GET supported against this resource"],
  ])("%s %s is %i and says what is supported", async (method, path, status, message) => {
    expect((await world.ask(method, path)).body).toEqual(failed(status, message));
  });

  test("every path is there below /v1-alpha too", async () => {
    for (const path of ["units", "state", "machines", "discovery"])
      expect((await world.ask("GET", `/v1-alpha/${path}`)).text).toBe(
        (await world.ask("GET", `/fleet/v1/${path}`)).text,
      );
  });

  test("an answer is JSON and names fleetd", async () => {
    const reply = await world.ask("GET", "/fleet/v1/units");
    expect(reply.headers).toMatchObject({ "content-type": "application/json", server: /^fleetd\/1\.0\.0 / });
  });

  test("metrics are text for Prometheus", async () => {
    expect(await world.ask("GET", "/metrics")).toMatchObject({ status: 200, text: "one 1\n" });
  });
});

describe("pages", () => {
  test("a hundred a page; the token leads to the next one, and a full last page to an empty one", async () => {
    for (let index = 0; index < 100; index += 1)
      await put(world, `u${String(index).padStart(3, "0")}.service`, { options: HELLO });
    const first = (await world.ask("GET", "/fleet/v1/units")).body as { units: unknown[]; nextPageToken?: string };
    expect(first.units.length).toBe(100);
    // Two little-endian numbers: a hundred a page, page 2.
    expect(first.nextPageToken).toBe("ZAACAA==");
    const more = `/fleet/v1/units?nextPageToken=${encodeURIComponent(first.nextPageToken ?? "")}`;
    expect((await world.ask("GET", more)).body).toEqual({});
    await put(world, "z.service", { options: HELLO });
    expect((await world.ask("GET", more)).body).toMatchObject({ units: [{ name: "z.service" }] });
    expect((await world.ask("GET", more)).body).not.toHaveProperty("nextPageToken");
  });

  test.each([
    ["two tokens", "nextPageToken=ZAACAA==&nextPageToken=ZAACAA==", "too many values for page token"],
    ["no base64", "nextPageToken=*", /base64/],
    ["too short", "nextPageToken=ZAA=", /too short/],
    ["another limit", "nextPageToken=MgACAA==", "token limit must be 100"],
    ["page 0", "nextPageToken=ZAAAAA==", "token page must be greater than zero"],
  ])("%s: 400", async (_, query, message) => {
    for (const path of ["units", "state", "machines"])
      expect((await world.ask("GET", `/fleet/v1/${path}?${query}`)).body).toEqual(failed(400, message));
  });
});

test("the discovery document describes every method that fleet's did", async () => {
  const { body } = await world.ask("GET", "/fleet/v1/discovery");
  expect(body).toMatchObject({
    kind: "discovery#restDescription",
    basePath: "/fleet/v1/",
    schemas: { Unit: {}, UnitPage: {}, UnitState: {}, UnitStatePage: {}, Machine: {}, MachinePage: {}, UnitOption: {} },
    resources: {
      Machines: { methods: { List: { path: "machines" } } },
      Units: { methods: { List: {}, Get: {}, Set: { httpMethod: "PUT" }, Delete: { httpMethod: "DELETE" } } },
      UnitState: { methods: { Get: { path: "state/{unitName}" }, List: { path: "state" } } },
    },
  });
});

describe("over TCP", () => {
  test("a client that names an address is answered", async () => {
    expect((await world.askTcp("GET", "/fleet/v1/machines")).status).toBe(200);
  });

  test.each([
    ["from a page", { origin: "http://evil.example" }],
    ["led here by a name", { host: "evil.example" }],
  ])("a browser %s is refused: 403", async (_, headers) => {
    expect((await world.askTcp("DELETE", "/fleet/v1/units/a.service", { headers })).status).toBe(403);
  });
});
