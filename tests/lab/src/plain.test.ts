import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { eventually } from "./eventually.ts";
import { leftoversOf } from "./leftovers.ts";
import { makeTestHome, npmStart } from "./npm-start.ts";
import { fleetArgv, labArgv, runProcess } from "./run-process.ts";

const ON_PROCESSES = { QUARTERDECK_LAB: "plain" };
const unitsSchema = z.array(z.object({ unit: z.string(), ip: z.string().nullable(), active: z.string().nullable() }));
const machinesSchema = z.array(z.object({ name: z.string(), ip: z.string(), state: z.string() }));

test("on plain processes the same commands start a unit, lose a machine, say what cannot be, and leave nothing", async () => {
  const home = makeTestHome("plain");
  const env = { QUARTERDECK_HOME: home, ...ON_PROCESSES };
  const lab = (...words: readonly string[]) => runProcess(labArgv(words), { env });
  const fleet = (...words: readonly string[]) => runProcess(fleetArgv(words), { env });
  const placeOf = async (unit: string) => {
    const rows = unitsSchema.parse(JSON.parse((await fleet("list-units", "-o", "json")).stdout));
    return rows.find((row) => row.unit === unit && row.active === "active")?.ip ?? undefined;
  };
  expect((await lab("reset", "--yes")).code).toBe(0);

  const running = await npmStart(home, ON_PROCESSES);
  try {
    expect(running.output()).toContain("PLAIN PROCESSES: this lab has no machines of its own.");
    expect(machinesSchema.parse(JSON.parse((await lab("list", "-o", "json")).stdout))).toEqual([
      { name: "m1", ip: "127.0.78.11", state: "running" },
      { name: "m2", ip: "127.0.78.12", state: "running" },
      { name: "m3", ip: "127.0.78.13", state: "running" },
    ]);

    expect(await fleet("start", "hello.service")).toMatchObject({ code: 0 });
    const before = await placeOf("hello.service");
    const lost = `m${Number(before?.split(".")[3]) - 10}`;
    expect((await lab("shell", lost, "--", "cat", "etc/quarterdeck/quarterdeck.toml")).stdout).toContain(before);
    expect((await fleet("journal", "hello.service")).stdout).toContain(`hello from ${lost}`);

    expect((await lab("cut", lost)).stderr).toContain(
      "error[LAB_UNSUPPORTED]: lab cut does not work on plain processes",
    );

    await lab("kill", lost);
    expect(processesIn(join(home, "machines", lost))).toEqual([]);
    const after = await eventually(
      "hello.service on another machine",
      async () => {
        const place = await placeOf("hello.service");
        return place === before ? undefined : place;
      },
      { withinMs: 20_000 },
    );
    expect((await lab("boot", lost)).code).toBe(0);
    expect(await placeOf("hello.service")).toBe(after);

    expect((await fleet("deploy", "web", "1.0.0")).stderr).toContain("no containers and no image registry");
    const refused = await fleet("deploy", "web", "1.0.0", "--allow-tag");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Requires=docker.service needs systemd");
  } finally {
    await running.stop();
  }
  expect(processesIn(join(home, "machines"))).toEqual([]);
  expect(await leftoversOf(home)).toEqual([]);
});

/** Command lines of processes that were started in a machine's folder, or in any below it. */
function processesIn(folder: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const marked = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`QUARTERDECK_LAB_MACHINE=${folder}`);
        return marked ? [readFileSync(`/proc/${pid}/cmdline`, "utf8")] : [];
      } catch (error) {
        if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
        throw error;
      }
    });
}
