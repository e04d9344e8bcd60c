import { expect, test } from "vitest";
import { chooseRole } from "./choose-role.ts";

test.each(["agent", "engine", "bot", "fleet"])("the first argument %s names the role and is taken off", (role) => {
  expect(chooseRole("quarterdeck", [role, "status", "--full"])).toEqual({
    ok: true,
    value: { kind: role, argv: ["status", "--full"] },
  });
});

test.each(["fleet", "/opt/bin/fleet", "./fleet"])(
  "called as %s, every argument belongs to the terminal",
  (calledAs) => {
    expect(chooseRole(calledAs, ["agent"])).toEqual({ ok: true, value: { kind: "fleet", argv: ["agent"] } });
  },
);

test("without an argument it explains itself", () => {
  expect(chooseRole("/opt/bin/quarterdeck", [])).toEqual({ ok: true, value: { kind: "help", argv: [] } });
});

test("an unknown role is refused with the nearest one", () => {
  expect(chooseRole("quarterdeck", ["agnt"])).toEqual({
    ok: false,
    error: { code: "USAGE", message: 'quarterdeck has no role "agnt"', try: "quarterdeck agent" },
  });
});

test("a name that every object has is not a role", () => {
  expect(chooseRole("quarterdeck", ["constructor"])).toMatchObject({ ok: false, error: { code: "USAGE" } });
});
