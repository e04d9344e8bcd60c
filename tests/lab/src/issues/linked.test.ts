import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { theLab } from "../lab-handle.ts";
import { submitTexts } from "./ballast.ts";

const PAIRS = 25;
const ROUNDS = 6;
const LANE = "lane=fast";

const numbers = Array.from({ length: PAIRS }, (_, index) => index + 1);
const UNITS = numbers.flatMap((index) => [`pair@${index}.service`, `side@${index}.service`]);

const TEXTS = {
  // systemd itself reads the other's file when it starts one of the two: were it not there yet, the start would fail.
  "pair@.service": `[Unit]\nRequires=side@%i.service\nAfter=side@%i.service\n[Service]\nExecStart=/bin/sleep infinity\n[X-Fleet]\nMachineMetadata=${LANE}\n`,
  "side@.service":
    "[Unit]\nPartOf=pair@%i.service\n[Service]\nExecStart=/bin/sleep infinity\n[X-Fleet]\nMachineOf=pair@%i.service\n",
};

beforeAll(async () => {
  await theLab.settled(90_000);
  await submitTexts(TEXTS);
});

afterAll(async () => {
  await theLab.fleet(["destroy", ...UNITS, "pair@.service", "side@.service"]);
  for (const { machine } of await theLab.machines()) await theLab.fleet(["set-metadata", machine, "lane="]);
});

test("fleet #1621: fifty units that need each other's files are sent from machine to machine, and never is a file not there", async () => {
  const machines = await theLab.machines();
  const begun = Math.floor(Date.now() / 1000);
  const toLane = async (round: number): Promise<string> => {
    const target = machines[round % machines.length];
    const former = machines[(round + machines.length - 1) % machines.length];
    if (target === undefined || former === undefined) throw new Error("the lab has no machines");
    if (round > 0) await theLab.fleetOk("set-metadata", former.machine, "lane=");
    await theLab.fleetOk("set-metadata", target.machine, LANE);
    return target.name;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const target = await toLane(round);
    if (round === 0) await theLab.fleetOk("start", ...UNITS, "--timeout", "60s");
    await eventually(
      `all units on ${target}`,
      async () => {
        const { stdout } = await theLab.inside(target, "systemctl", "is-active", ...UNITS);
        return stdout
          .trim()
          .split("\n")
          .every((word) => word === "active")
          ? true
          : undefined;
      },
      { withinMs: 60_000 },
    );
  }
  for (const { name } of machines) {
    const { stdout } = await theLab.inside(name, "journalctl", "--since", `@${begun}`, "-o", "cat", "--no-pager");
    const lines = stdout.split("\n").filter((line) => /(?:pair|side)@\d/.test(line));
    expect(
      lines.some((line) => line.startsWith("Started ")),
      "the journal tells of starts",
    ).toBe(true);
    // systemd grumbles about links that go while it reads their folder; what counts is that nothing is started without its file.
    expect(lines.filter((line) => /not found|not-found|Failed to start|Dependency failed|REFUSED/.test(line))).toEqual(
      [],
    );
  }
  const failed = (await theLab.units()).filter(({ unit, active }) => UNITS.includes(unit) && active !== "active");
  expect(failed).toEqual([]);
}, 300_000);
