import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { leftoversOf } from "./leftovers.ts";
import { makeTestHome, npmStart } from "./npm-start.ts";
import { labArgv, runProcess } from "./run-process.ts";

const home = makeTestHome("lifecycle");

afterAll(async () => {
  await runProcess(labArgv(["reset", "--yes"]), { env: { QUARTERDECK_HOME: home } });
  rmSync(home, { recursive: true, force: true });
});

const nothingLeft = () =>
  eventually("nothing to be left", async () => ((await leftoversOf(home)).length === 0 ? true : undefined), {
    withinMs: 15_000,
    everyMs: 500,
  }).catch(async (error: unknown) => {
    throw new Error(`left behind: ${(await leftoversOf(home)).join("\n")}`, { cause: error });
  });

test(
  "SIGTERM to npm stops everything, the disks stay, and a second start is refused while one runs",
  { timeout: 300_000 },
  async () => {
    await using first = await npmStart(home);
    expect(first.output()).toContain(`Ready: http://127.0.0.1:${first.port}`);
    const env = { QUARTERDECK_HOME: home };
    const second = await runProcess(["npm", "start", "--silent"], { env: { ...env, QUARTERDECK_PORT: "0" } });
    expect(second.code).toBe(8);
    expect(second.stderr + second.stdout).toContain("error[ALREADY_RUNNING]");
    const put = await runProcess(labArgv(["shell", "m1", "--", "touch", "/var/lib/kept"]), { env });
    expect(put.code).toBe(0);
    await first.stop();
    await nothingLeft();

    await using again = await npmStart(home, {}, first.port);
    process.stdout.write(`warm start ${(again.readyAfterMs / 1000).toFixed(1)} s\n`);
    expect((await runProcess(labArgv(["shell", "m1", "--", "ls", "/var/lib/kept"]), { env })).code).toBe(0);
    again.npm.kill("SIGKILL");
    // The supervisor sees that its parent is gone.
    await nothingLeft();
  },
);

test(
  "a supervisor killed with SIGKILL leaves machines behind, and the next start removes them first",
  { timeout: 300_000 },
  async () => {
    await using lab = await npmStart(home);
    const pid = Number((/"pid":\s*(\d+)/.exec(await lockText()) ?? [])[1]);
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, "SIGKILL");
    expect(await leftoversOf(home)).not.toEqual([]);
    await using next = await npmStart(home, {}, lab.port);
    await next.stop();
    await nothingLeft();
  },
);

async function lockText(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(`${home}/lock`, "utf8");
}
