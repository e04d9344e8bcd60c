import type { StartFigures, StartPhases } from "./measure-start.ts";
import { quantile } from "./quantile.ts";

const PHASES = ["decided", "placed", "started", "active", "reported"] as const;
const SAID: Readonly<Record<(typeof PHASES)[number], string>> = {
  decided: "the engine has taken the request",
  placed: "each unit has its machine",
  started: "systemd begins to start it",
  active: "systemd calls it active",
  reported: "its agent has reported it active",
};
/** Milliseconds. */
const AIM = { single: 60, many: 800 } as const;

/** For people, in 80 columns: milliseconds from the request, median and 95th percentile. */
export function renderStart({ single, many, terminalSingle, terminalMany }: StartFigures): string {
  const row = (values: readonly number[]): string =>
    `${quantile(values, 0.5).toFixed(0).padStart(7)}${quantile(values, 0.95).toFixed(0).padStart(7)}`;
  const phase = (name: (typeof PHASES)[number]): string => {
    const of = (all: readonly StartPhases[]): string => row(all.map((each) => each[name]));
    return `${SAID[name].padEnd(36)}${of(single)}${of(many)}`;
  };
  const verdict = (what: string, values: readonly number[], aim: number): string =>
    `${what}: p50 ${quantile(values, 0.5).toFixed(0)} ms, aim ${aim} ms: ${quantile(values, 0.5) <= aim ? "met" : "missed"}`;
  return [
    `From a request to active, ms: one unit (${single.length} starts), 100 units (${many.length})`,
    `${"".padEnd(36)}    p50    p95    p50    p95`,
    ...PHASES.map(phase),
    `${"the whole of a fleet start process".padEnd(36)}${row(terminalSingle)}${row(terminalMany)}`,
    verdict(
      "one unit, reported",
      single.map(({ reported }) => reported),
      AIM.single,
    ),
    verdict(
      "100 units, reported",
      many.map(({ reported }) => reported),
      AIM.many,
    ),
    "",
  ].join("\n");
}
