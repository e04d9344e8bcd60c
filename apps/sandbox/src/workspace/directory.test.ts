import { expect, test } from "vitest";
import { Directory } from "./directory.ts";

test("people and channels are found by id and by name, with or without their sign", () => {
  const directory = new Directory();
  expect(directory.channel("#ops")).toBe(directory.channel("C0OPS"));
  expect(directory.user("@dev")).toBe(directory.user("U0DEV"));
  expect(directory.channel("nowhere")).toBeUndefined();
});

test("a user's id, name and direct message lead to the same conversation", () => {
  const directory = new Directory();
  expect(directory.channel("U0DEV")).toMatchObject({ id: "D0DEV", im: "U0DEV" });
  expect(directory.channel("@dev")?.id).toBe("D0DEV");
  expect(directory.channel("D0DEV")?.name).toBe("@dev");
});

test("whoever stays keeps the id, and groups know their members by name", () => {
  const directory = new Directory();
  directory.putUsers([
    { name: "dev", realName: "", tz: "Etc/UTC" },
    { name: "new.one", realName: "", tz: "Etc/UTC" },
  ]);
  expect(directory.users.map(({ id }) => id)).toEqual(["U0DEV", "U0NEWONE"]);
  directory.putGroups([{ name: "sre", users: ["new.one", "ghost", "U0DEV"] }]);
  expect(directory.groups).toEqual([{ id: "S0SRE", name: "sre", users: ["U0NEWONE", "U0DEV"] }]);
});
