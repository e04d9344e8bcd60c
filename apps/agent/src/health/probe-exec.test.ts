import { expect, test } from "vitest";
import { probeExec } from "./probe-exec.ts";

const signal = AbortSignal.timeout(20_000);

test.each([
  [["/bin/sh", "-c", "echo fine; exit 0"], true, "/bin/sh -c echo fine; exit 0: fine"],
  [["/bin/sh", "-c", "echo not yet >&2; exit 3"], false, "/bin/sh -c echo not yet >&2; exit 3: exit code 3: not yet"],
  [["/bin/echo", "$HOME", "a b", ";", "reboot"], true, "/bin/echo $HOME a b ; reboot: $HOME a b ; reboot"],
  [["/bin/false"], false, "/bin/false: exit code 1"],
  [["/not/there"], false, "/not/there: ENOENT"],
] as const)("the program %j is well: %s, and definite", async ([program, ...rest], ok, detail) => {
  expect(await probeExec([program, ...rest], signal)).toEqual({ ok, definite: true, detail });
});

test("a program that talks without end is cut short, not kept", async () => {
  const result = await probeExec(["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"], signal);
  expect(result.ok).toBe(true);
  expect(result.detail.length).toBeLessThan(1000);
});
