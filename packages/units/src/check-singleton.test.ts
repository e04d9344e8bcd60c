import type { UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { stopStepSeconds } from "./check-singleton.ts";
import { checkUnit } from "./check-unit.ts";
import { parseUnitFile } from "./parse-unit-file.ts";

const check = (service: string, name = "only.service") =>
  checkUnit(name as UnitName, `[Service]\n${service}\n[X-Fleet]\nSingleton=true\n`);
const RUN = "ExecStart=/usr/bin/docker run --init --name box acme/web:1";

describe("a singleton", () => {
  test.each([
    ["a program", "ExecStart=/bin/only"],
    ["a container that is removed afterwards", `${RUN}\nExecStopPost=-/usr/bin/docker rm -f box`],
    ["also with the long flag", `${RUN}\nExecStopPost=-/usr/bin/docker container rm --force box`],
    ["all processes but the main one spared SIGTERM", "ExecStart=/bin/only\nKillMode=mixed"],
  ])("may be %s", (_, service) => {
    expect(check(service)).toMatchObject({ ok: true });
  });

  test.each([
    ["a container that its client would leave behind", RUN, /line 2, .*has to remove box itself/],
    ["one that only --rm would remove", RUN.replace("run", "run --rm"), /has to remove box itself/],
    ["one that is stopped and not removed", `${RUN}\nExecStopPost=/usr/bin/docker stop box`, /has to remove box/],
    ["another container removed", `${RUN}\nExecStopPost=/usr/bin/docker rm -f bax`, /has to remove box/],
    ["removed without force", `${RUN}\nExecStopPost=/usr/bin/docker rm box`, /has to remove box/],
    ["a container without a name", "ExecStart=/usr/bin/podman run --init acme/web:1", /without --name/],
    ["processes that outlive it", "ExecStart=/bin/only\nKillMode=process", /line 3, .*KillMode=process/],
    ["a stop that may last for ever", "ExecStart=/bin/only\nSendSIGKILL=no", /without SendSIGKILL=/],
  ])("may not have %s", (_, service, message) => {
    expect(check(service)).toMatchObject({
      ok: false,
      error: { code: "INVALID_UNIT", message: expect.stringMatching(message) },
    });
  });

  test("is a service", () => {
    const text = "[Timer]\nOnBootSec=1\n[X-Fleet]\nSingleton=true\n";
    expect(checkUnit("only.timer" as UnitName, text)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/is for services/) },
    });
  });

  test.each([
    ["ExecStart=/bin/a", 3],
    ["ExecStart=/bin/a\nExecStop=/bin/b\nExecStopPost=/bin/c", 1],
    ["ExecStart=/bin/a\nExecStopPost=/bin/c\nExecStopPost=/bin/d\nExecStop=/bin/b ; /bin/e", 0.6],
    ["ExecStart=/bin/a\nTimeoutStopSec=500ms", 0.5],
    ["ExecStart=/bin/a\nTimeoutStopSec=90", 3],
    ["ExecStart=/bin/a\nTimeoutStopSec=infinity", 3],
    ["ExecStart=/bin/a\nTimeoutStopSec=0", 3],
  ])("%j has its three seconds divided among the steps of its stop", (service, seconds) => {
    const document = parseUnitFile(`[Service]\n${service}\n`);
    if (!document.ok) throw new Error(document.error.message);
    expect(stopStepSeconds(document.value, 3)).toBe(seconds);
  });
});
