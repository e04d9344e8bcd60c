import { assertNever, type MachineId, type Move, type Relocation, type UnitName } from "@quarterdeck/model";
import { copiesOf, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import type { Step } from "../view.ts";

/** Of many moves only those are shown that something can be said of. */
const ALL_UP_TO = 12;

/** One step a move, in the order of the relocation; `now` in milliseconds. */
export function moveSteps(facts: Facts, { moves }: Relocation, now: number): readonly Step[] {
  return moves
    .filter(({ state }) => moves.length <= ALL_UP_TO || (state !== "done" && state !== "pending"))
    .map((move) => ({ label: move.units.join(", "), state: STATES[move.state], detail: detailOf(facts, move, now) }));
}

/** `m1 → m2, for 10 s: is being started`, of a move that is under way. */
export function moveNow(facts: Facts, move: Move, now: number): string {
  const since = move.startedAt === null ? now : Date.parse(move.startedAt);
  // In steps of 5, so that what is shown changes when something is worth saying.
  const seconds = Math.max(0, Math.floor((now - since) / 5000) * 5);
  const says =
    move.units.map((unit) => saysNow(facts, unit, move)).find((text) => text !== "") ?? "its old copy is being stopped";
  const where = move.to === null ? "" : ` → ${nameOf(facts, move.to)}`;
  return `${nameOf(facts, move.from)}${where}${seconds === 0 ? "" : `, for ${seconds} s`}: ${says}`;
}

/** The machine's host name, else the first digits of its id. */
export function nameOf(facts: Facts, machine: MachineId): string {
  const at = facts.machines.get(machine);
  return (at === undefined ? "" : hostnameOf(at)) || machine.slice(0, 8);
}

/** Why each of the other machines refused the units. */
export function refusalsOf(facts: Facts, { refusals }: Move): string {
  return refusals
    .map(({ machine, reason }) => {
      const name = nameOf(facts, machine);
      // Most reasons begin with the machine's name.
      return reason.text.startsWith(`${name} `) ? reason.text : `${name}: ${reason.text}`;
    })
    .join("; ");
}

const STATES = {
  pending: "pending",
  moving: "active",
  done: "done",
  stays: "untouched",
  failed: "failed",
} as const satisfies Record<Move["state"], Step["state"]>;

function detailOf(facts: Facts, move: Move, now: number): string {
  switch (move.state) {
    case "pending":
      return "";
    case "moving":
      return moveNow(facts, move, now);
    case "done":
    case "failed":
      return move.reason?.text ?? "";
    case "stays": {
      const refusals = refusalsOf(facts, move);
      return `stays: ${[move.reason?.text ?? "", refusals].filter((part) => part !== "").join(": ")}`;
    }
    default:
      return assertNever(move.state);
  }
}

/** Empty for a unit that does well where it went. */
function saysNow(facts: Facts, unit: UnitName, move: Move): string {
  const copy = copiesOf(facts, unit).find((one) => one.machine !== move.from && isWanted(one));
  if (copy === undefined) return move.order === "stop-first" ? "is being stopped, then placed" : "is being placed";
  if (!copy.live) return "its machine is lost";
  const { state } = copy;
  if (state === null) return "is being started";
  if (state.problem !== null) return state.problem.message;
  if (state.active !== "active") return `${state.active} (${state.sub})`;
  if (state.health === "unknown") return "its check has not answered yet";
  return state.health === "failing" ? `its check fails: ${state.healthDetail}` : "";
}

const isWanted = ({ entry }: Copy): boolean => entry?.target.kind === "launched" || entry?.target.kind === "loaded";
