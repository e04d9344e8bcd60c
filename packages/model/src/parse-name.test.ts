import { expect, test } from "vitest";
import { unitNameSchema } from "./ids.ts";
import {
  isTemplate,
  parseMachineId,
  parseServiceName,
  parseUnitName,
  splitUnitName,
  templateOf,
} from "./parse-name.ts";

const unit = (text: string) => unitNameSchema.parse(text);

test.each(["hello.service", "web@.service", "web@2.service", "a:b_c.timer", `${"x".repeat(248)}.service`])(
  "%s is a unit name",
  (name) => {
    expect(parseUnitName(name)).toEqual({ ok: true, value: name });
  },
);

test.each([
  "hello",
  "../etc.service",
  "a/b.service",
  "a b.service",
  "x.exe",
  "",
  `${"x".repeat(249)}.service`,
  "a\0.service",
  "hello.service\n",
])("%j is no unit name, and the answer says the rule", (name) => {
  const parsed = parseUnitName(name);
  expect(parsed.ok).toBe(false);
  if (!parsed.ok)
    expect(parsed.error).toMatchObject({ code: "INVALID_NAME", why: expect.stringContaining("1 to 256") });
});

test("a name is split at its first @ and its last dot", () => {
  expect(splitUnitName(unit("web@a.b@c.service"))).toEqual({ prefix: "web", instance: "a.b@c", suffix: ".service" });
  expect(splitUnitName(unit("my.app.service"))).toEqual({ prefix: "my.app", instance: null, suffix: ".service" });
});

test("an instance knows its template; a template and a plain unit have none", () => {
  expect(templateOf(unit("web@2.service"))).toBe("web@.service");
  expect(templateOf(unit("web@.service"))).toBeNull();
  expect(templateOf(unit("hello.service"))).toBeNull();
  expect(isTemplate(unit("web@.service"))).toBe(true);
  expect(isTemplate(unit("web@1.service"))).toBe(false);
});

test("a service name has no @ and no slash", () => {
  expect(parseServiceName("web").ok).toBe(true);
  expect(parseServiceName("web@1").ok).toBe(false);
  expect(parseServiceName("../web").ok).toBe(false);
});

test("a machine id is 32 lower-case hex digits", () => {
  expect(parseMachineId("0123456789abcdef0123456789abcdef").ok).toBe(true);
  expect(parseMachineId("0123456789ABCDEF0123456789ABCDEF").ok).toBe(false);
});

test.each([
  ["héllo.service", "hello.service"],
  ["my job", "myjob.service"],
  ["ä/ö", "ao.service"],
])("for %j a name is proposed that is one: %s", (text, hint) => {
  expect(parseUnitName(text)).toMatchObject({ ok: false, error: { try: hint } });
});
