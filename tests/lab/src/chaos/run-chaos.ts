import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { LabHandle } from "../create-lab-handle.ts";
import { churn, CHURNED, isWrong, type Deed } from "./churn.ts";
import { createDice, drawFault } from "./draw-fault.ts";
import { FAULTS, nameOf, reachOf, type Fault } from "./fault.ts";
import { inflict } from "./inflict.ts";
import { observe } from "./observe.ts";
import type { ChaosReport } from "./render-report.ts";
import { Witness, type Violation } from "./witness.ts";

export type ChaosOptions = {
  readonly minutes: number;
  /** The same seed draws the same faults. */
  readonly seed: number;
  readonly onEvent: (line: string) => void;
};

/** How soon after a fault's end everything has to be well again, by `fleet status`. */
const WELL_MS = 120_000;
const LOOK_MS = 1_000;

const unitText = (what: string): string =>
  ["[Unit]", `Description=${what} %i`, "[Service]", "ExecStart=/bin/sleep infinity", "Restart=always", ""].join("\n");
const MOVABLE = ["hello.service", ...[1, 2, 3, 4, 5, 6].map((index) => `load@${index}.service`)];
const BOUND = ["web@1.service", "web@2.service", "web@3.service"];

/**
 * Random faults on a loaded cluster of three or more, one after the other, while a person starts and stops things; all the time every machine's systemd
 * is asked whether what is promised holds. The lab is left running, without the units that this made.
 * @throws Error when the lab itself does not obey
 */
export async function runChaos(
  lab: LabHandle,
  { minutes, seed, onEvent }: ChaosOptions,
  signal: AbortSignal,
): Promise<ChaosReport> {
  await load(lab);
  const began = performance.now();
  const atMs = (): number => performance.now() - began;
  const witness = new Witness({ movable: MOVABLE, bound: BOUND });
  const violations: Violation[] = [];
  const faults: { atMs: number; fault: Fault; wellAfterMs: number | null }[] = [];
  const deeds: Deed[] = [];
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);

  const looking = (async () => {
    while (!ending.aborted) {
      const startedMs = atMs();
      witness.see(await observe(lab, [...MOVABLE, ...BOUND], startedMs));
      await delay(Math.max(0, LOOK_MS - (atMs() - startedMs)));
    }
  })();
  const doing = (async () => {
    for await (const deed of churn(lab, createDice(~seed), ending)) {
      deeds.push(deed);
      const { words, code, said } = deed;
      if (isWrong(deed)) violations.push({ atMs: atMs(), what: `fleet ${words} ended with ${code}: ${said}` });
    }
  })();

  const dice = createDice(seed);
  while (atMs() < minutes * 60_000 && !ending.aborted) {
    const names = (await lab.machines()).map(({ name }) => name);
    const fault = drawFault(dice, names);
    onEvent(nameOf(fault));
    const entry = { atMs: atMs(), fault, wellAfterMs: null as number | null };
    faults.push(entry);
    const isOver = FAULTS[fault.kind].effect === "none" ? () => {} : witness.trouble(reachOf(fault));
    const undo = await inflict(lab, fault);
    await delay(fault.holdMs);
    await undo();
    const undoneMs = atMs();
    try {
      await lab.settled(WELL_MS);
      entry.wellAfterMs = atMs() - undoneMs;
    } catch (error) {
      const { stdout } = await lab.fleet(["status"]);
      violations.push({
        atMs: atMs(),
        what: `not well ${WELL_MS / 1_000} s after ${nameOf(fault)} (${String(error)}):\n${stdout}`,
      });
      break;
    } finally {
      isOver(atMs());
    }
    await delay(dice(0, 4_000));
  }
  over.abort();
  await Promise.all([looking, doing]);
  violations.push(...(await judgeEnd(lab, atMs)));
  await unload(lab);
  const { looks, longestDownMs } = witness;
  const found = [...witness.violations, ...violations].toSorted((left, right) => left.atMs - right.atMs);
  return { seed, minutes, faults, deeds, looks, longestDownMs, violations: found };
}

/** What has to be true when all is over: everything can be started, runs once, and the audit log is sound. */
async function judgeEnd(lab: LabHandle, atMs: () => number): Promise<readonly Violation[]> {
  const found: Violation[] = [];
  for (const words of [
    ["start", ...CHURNED],
    ["audit", "--verify"],
  ] as const) {
    const { code, stdout, stderr } = await lab.fleet(words);
    if (code !== 0)
      found.push({ atMs: atMs(), what: `fleet ${words.join(" ")} ended with ${code}: ${stdout}${stderr}` });
  }
  for (const unit of [...MOVABLE, ...BOUND, ...CHURNED]) {
    const on = await lab.activeOn(unit);
    if (on.length !== 1)
      found.push({ atMs: atMs(), what: `${unit} runs on ${on.join(" and ") || "no machine"} at the end` });
  }
  return found;
}

async function load(lab: LabHandle): Promise<void> {
  await lab.settled();
  const directory = await mkdtemp(join(tmpdir(), "quarterdeck-chaos-"));
  try {
    for (const name of ["load", "churn"]) {
      await writeFile(join(directory, `${name}@.service`), unitText(name));
      await lab.fleetOk("submit", join(directory, `${name}@.service`));
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  await lab.fleetOk("start", ...MOVABLE);
  await lab.fleetOk("deploy", "web", "1.0.0", "--timeout", "5m");
}

async function unload(lab: LabHandle): Promise<void> {
  const made = [...MOVABLE.filter((unit) => unit !== "hello.service"), ...CHURNED, "load@.service", "churn@.service"];
  await lab.fleet(["destroy", ...made]);
  await lab.fleet(["stop", "hello.service"]);
}
