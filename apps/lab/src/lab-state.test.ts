import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { labHome, type LabHome } from "./home.ts";
import { openLabState } from "./lab-state.ts";

let home: LabHome;
beforeEach(async () => {
  home = labHome(await mkdtemp(join(tmpdir(), "qd-state-")));
});
afterEach(() => rm(home.root, { recursive: true }));

test("the state of the first start is the state of every start", async () => {
  const first = await openLabState(home, 3, []);
  expect(await openLabState(home, 5, [])).toEqual(first);
});

test.each([
  [1, 1],
  [2, 1],
  [3, 3],
  [7, 3],
])("%i machines make %i etcd members", async (machines, members) => {
  expect((await openLabState(home, machines, [])).members).toBe(members);
});

test("a subnet that somebody took meanwhile is refused, not replaced", async () => {
  const { subnet } = await openLabState(home, 3, []);
  await expect(openLabState(home, 3, [subnet])).rejects.toMatchObject({ code: "CONFLICT" });
});
