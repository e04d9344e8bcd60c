import type { LabHandle } from "../create-lab-handle.ts";
import type { Observation, ObservedMachine } from "./observation.ts";
import { parseShow } from "./parse-show.ts";

const ANSWER_MS = 5_000;

/** Asks every machine's systemd for these units, all at the same time. @param atMs the time that is noted with it */
export async function observe(lab: LabHandle, units: readonly string[], atMs: number): Promise<Observation> {
  const machines = await lab.machines();
  return { atMs, machines: await Promise.all(machines.map((machine) => ask(lab, units, machine))) };
}

async function ask(
  lab: LabHandle,
  units: readonly string[],
  { name, state, pid }: { readonly name: string; readonly state: string; readonly pid: number | null },
): Promise<ObservedMachine> {
  if (pid === null || (state !== "running" && state !== "cut")) return { name, state, active: null };
  const argv = ["systemctl", "show", "-p", "Id,ActiveState,InvocationID", "--", ...units];
  const { code, stdout } = await lab.insideWith({ timeoutMs: ANSWER_MS }, name, ...argv);
  // It may be going down just now.
  return { name, state, active: code === 0 ? parseShow(stdout) : null };
}
