import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { BALLAST, submitTexts, takeBallast } from "./issues/ballast.ts";
import { beginVigil } from "./issues/begin-vigil.ts";
import { theLab } from "./lab-handle.ts";
import { ROOT } from "./run-process.ts";
import { askSystemd } from "./verify/ask-systemd.ts";
import { drawUnits } from "./verify/draw-units.ts";

const DRAWN = 60;
/** Where `fleet verify` is stricter than systemd, on purpose: lines that systemd skips although they are not what was meant. */
const STRICTER = new Set(["refused", "unknown-type"]);

const verdictSchema = z.array(
  z.object({
    unit: z.string(),
    ok: z.boolean(),
    findings: z.array(z.object({ severity: z.string(), rule: z.string(), line: z.number().nullable() })),
  }),
);

describe("fleet verify, beside a machine's systemd-analyze", () => {
  test("what systemd refuses is refused, what it loads is not, and no line that it skips is passed over in silence", async () => {
    const units = { ...drawUnits(DRAWN), ...(await examples()) };
    const theirs = await askSystemd("m1", units);
    const ours = await verifyAll(units);
    expect(ours).toHaveLength(Object.keys(units).length);
    const differences = ours.flatMap(({ unit, findings }) => {
      const { refused = false, lines = [], said = [] } = theirs.get(unit) ?? {};
      const error = findings.some(({ severity }) => severity === "error");
      if (findings.some(({ severity, rule }) => severity === "error" && STRICTER.has(rule))) return [];
      const spoken = new Set(findings.map(({ line }) => line));
      const same = error === refused && lines.every((line) => spoken.has(line));
      return same ? [] : [{ unit, text: units[unit], findings, said }];
    });
    expect(differences).toEqual([]);
    // Both verdicts are among them, or the comparison would say nothing.
    expect([...theirs.values()].filter(({ refused }) => refused).length).toBeGreaterThan(20);
    expect([...theirs.values()].filter(({ refused, lines }) => !refused && lines.length > 0).length).toBeGreaterThan(
      20,
    );
    expect([...theirs.values()].filter(({ refused, lines }) => !refused && lines.length === 0).length).toBeGreaterThan(
      20,
    );
  }, 120_000);
});

describe("systemd that replaces itself", () => {
  let ballast: AsyncDisposable | null = null;
  beforeAll(async () => {
    ballast = await takeBallast();
  });
  afterAll(async () => {
    await theLab.fleet(["destroy", "after-reexec.service"]);
    await ballast?.[Symbol.asyncDispose]();
  });

  test("daemon-reexec on every machine restarts nothing, and agents go on to start, to stop and to report", async () => {
    const before = await agentStarts();
    await using vigil = await beginVigil(theLab, BALLAST);
    for (const { name } of await theLab.machines()) {
      const ended = await theLab.inside(name, "systemctl", "daemon-reexec");
      expect(ended).toMatchObject({ code: 0 });
    }
    await submitTexts({ "after-reexec.service": "[Service]\nExecStart=/bin/sleep infinity\n[X-Fleet]\nGlobal=true\n" });
    await theLab.fleetOk("start", "after-reexec.service");
    expect(await theLab.activeOn("after-reexec.service")).toHaveLength(3);
    for (const { name } of await theLab.machines())
      await theLab.inside(name, "systemctl", "kill", "-s", "KILL", "after-reexec.service");
    await expect
      .poll(
        async () =>
          (await theLab.units()).filter(({ unit, active }) => unit === "after-reexec.service" && active === "failed")
            .length,
        { timeout: 20_000 },
      )
      .toBe(3);
    await theLab.fleetOk("destroy", "after-reexec.service");
    expect(await theLab.activeOn("after-reexec.service")).toEqual([]);
    await vigil.end();
    expect(vigil.changes).toEqual([]);
    expect(await agentStarts()).toEqual(before);
  });
});

/** When each machine's agent was started, by systemd's monotonic clock. */
async function agentStarts(): Promise<readonly string[]> {
  const starts: string[] = [];
  for (const { name } of await theLab.machines()) {
    const shown = await theLab.inside(
      name,
      "systemctl",
      "show",
      "-P",
      "ExecMainStartTimestampMonotonic",
      "quarterdeck-agent.service",
    );
    expect(shown.stdout.trim()).toMatch(/^[1-9]\d*$/);
    starts.push(`${name} ${shown.stdout.trim()}`);
  }
  return starts;
}

async function verifyAll(units: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "quarterdeck-verify-"));
  try {
    for (const [name, text] of Object.entries(units)) await writeFile(join(folder, name), text);
    const { stdout } = await theLab.fleet([
      "verify",
      "-o",
      "json",
      ...Object.keys(units).map((name) => join(folder, name)),
    ]);
    return verdictSchema.parse(JSON.parse(stdout));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The units that the project recommends; of templates an instance, as machines get them. */
async function examples(): Promise<Readonly<Record<string, string>>> {
  const folder = join(ROOT, "examples");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".service"));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
}
