import { expect, test } from "vitest";
import type { Cables } from "./cables.ts";
import { controlApi } from "./control-server.ts";
import { LabEvents } from "./lab-events.ts";
import { Lab } from "./lab.ts";
import type { MachineSite } from "./machine/machine-site.ts";

const signal = new AbortController().signal;
/** A lab without machines: enough for what the door refuses. */
const lab = new Lab({
  site: {} as MachineSite,
  cables: {} as Cables,
  events: new LabEvents(),
  awaitJoined: () => Promise.resolve(),
  admit: () => Promise.resolve(),
});
const post = (path: string, body = "") => controlApi(lab, signal).request(path, { method: "POST", body });

test("a lab without machines lists none", async () => {
  expect(await (await controlApi(lab, signal).request("/machines")).json()).toEqual([]);
});

test.each([
  ["/machines/m9/kill", "", "NOT_FOUND"],
  ["/machines/m9/explode", "", "USAGE"],
  ["/machines/m9/toString", "", "USAGE"],
  ["/machines/m9/cut", '{"form":"m2"}', "INVALID_JSON"],
  ["/machines/m9/slow", '{"lossPerMille":2000}', "INVALID_JSON"],
  ["/machines/m9/kill", '{"hard":true}', "INVALID_JSON"],
  ["/machines/m9/kill", "{", "INVALID_JSON"],
])("POST %s %s is refused with %s", async (path, body, code) => {
  const answer = await post(path, body);
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ problem: { code } });
});
