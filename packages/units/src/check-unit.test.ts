import type { UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { checkUnit } from "./check-unit.ts";
import { instanceText } from "./instance-text.ts";

const check = (name: string, text: string) => checkUnit(name as UnitName, text);
const SERVICE = "[Service]\nExecStart=/bin/true\n";

describe("everything is checked at submit", () => {
  test("a plain service passes without a warning", () => {
    expect(check("hello.service", SERVICE)).toMatchObject({ ok: true, value: { deploy: null, warnings: [] } });
  });

  test("a job that runs once is a oneshot", () => {
    const text = `${SERVICE}Type=oneshot\nRemainAfterExit=no\n[X-Fleet]\nRunOnce=true\n`;
    expect(check("job.service", text)).toMatchObject({ ok: true, value: { fleet: { runOnce: true } } });
  });

  test("a service may ask for an identity, and nothing else may", () => {
    const asked = "[X-Fleet]\nIdentity=bot\n";
    expect(check("bot.service", SERVICE + asked)).toMatchObject({ ok: true, value: { fleet: { identity: "bot" } } });
    expect(check("bot.timer", `[Timer]\nOnBootSec=1\n${asked}`)).toMatchObject({
      ok: false,
      error: { code: "INVALID_UNIT", message: expect.stringMatching(/line 4, column 1: Identity=bot is for services/) },
    });
  });

  test("an instance whose name would make it somebody else is refused", () => {
    const text = `${SERVICE}[X-Fleet]\nIdentity=%i\n`;
    expect(check("as@bot.service", text)).toMatchObject({ ok: true, value: { fleet: { identity: "bot" } } });
    expect(check("as@engine.service", text)).toMatchObject({ ok: false, error: { code: "INVALID_UNIT" } });
  });

  test("a template with [X-Deploy] is a service to deploy", () => {
    expect(check("web@.service", `${SERVICE}[X-Deploy]\nImage=a.b/web\n`)).toMatchObject({
      ok: true,
      value: { deploy: { image: "a.b/web" } },
    });
  });

  test.each([
    ["hello.service", "[Service]\nExecStart\n", /^hello\.service: line 2, column 1: "ExecStart" has no =/],
    ["hello.service", "", /^hello\.service: an empty unit file/],
    ["hello.service", "# nothing\n[Service]\n", /an empty unit file/],
    ["hello.service", "[Service]\nExecStart=/bin/true\nExecStart=\n", /without ExecStart=/],
    ["hello.service", "[Unit]\nDescription=x\n", /without ExecStart=/],
    ["data@.mount", "[Mount]\nWhat=/dev/x\n", /a \.mount unit cannot be a template/],
    ["web@1.service", `${SERVICE}[X-Deploy]\nImage=a.b/web\n`, /belongs in the template/],
    ["web.service", `${SERVICE}[X-Deploy]\nImage=a.b/web\n`, /belongs in a template of a service/],
    [
      "web@.service",
      `${SERVICE}[X-Fleet]\nGlobal=true\n[X-Deploy]\nImage=a.b/web\n`,
      /Global=true cannot stand beside it/,
    ],
    [
      "a.service",
      "[Service]\nType=bogus\nExecStart=/bin/true\n",
      /^a\.service: line 2, column 1: systemd knows no Type=bogus/,
    ],
    [
      "a.service",
      "[Service]\nExecStart=bin/serve -v\n",
      /^a\.service: line 2, column 1: "bin\/serve" is a relative path/,
    ],
    [
      "a.service",
      "[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n",
      /^a\.service: line 3, column 1: .* one ExecStart=/,
    ],
    ["a.service", `${SERVICE}[X-Fleet]\nRunOnce=true\n`, /^a\.service: RunOnce=true .* wants Type=oneshot/],
    ["a.timer", "[Timer]\nOnBootSec=1\n[X-Fleet]\nRunOnce=true\n", /wants Type=oneshot/],
    [
      "a.service",
      `${SERVICE}Type=oneshot\nRemainAfterExit=yes\n[X-Fleet]\nRunOnce=true\n`,
      /with RemainAfterExit= a RunOnce=true unit would never end/,
    ],
    ["big.service", `${SERVICE}#${"x".repeat(262_144)}`, /are more than 262144/],
  ])("%s with %j is refused", (name, text, message) => {
    const result = check(name, text);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.error.message).toMatch(message);
  });

  test("what to type in place of what systemd would not have is said", () => {
    const hintOf = (line: string) => {
      const checked = check("a.service", `[Service]\n${line}\n${line.startsWith("Exec") ? "" : "ExecStart=/bin/a\n"}`);
      return checked.ok ? null : checked.error.try;
    };
    expect(hintOf("Type=onshot")).toBe("Type=oneshot");
    expect(hintOf("Type=bogus")).toBe(
      "Type=simple, or one of exec, forking, oneshot, dbus, notify, notify-reload, idle",
    );
    expect(hintOf("ExecStart=bin/serve -v")).toBe("ExecStart=/usr/bin/serve …");
    expect(hintOf("Type=notify-reload")).toBeNull();
  });

  test("a timer and a service that only stops need no ExecStart", () => {
    expect(check("a.timer", "[Timer]\nOnCalendar=daily\n").ok).toBe(true);
    expect(check("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStop=/bin/true\n").ok).toBe(true);
  });
});

test("an instance has its template's text, byte for byte, and no other template's", () => {
  const template = { name: "web@.service" as UnitName, text: "[Service]\r\nExecStart=/bin/echo %i\r\n" };
  expect(instanceText(template, "web@2.service" as UnitName)).toEqual({ ok: true, value: template.text });
  expect(instanceText(template, "db@2.service" as UnitName)).toMatchObject({ ok: false });
  expect(instanceText(template, "web@.service" as UnitName)).toMatchObject({ ok: false });
});
