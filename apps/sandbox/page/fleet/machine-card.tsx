import { act, type Machine, pending, unitsOf } from "../state/fleet-state.ts";
import { UnitRow } from "./unit-row.tsx";

type Verb = { readonly verb: string; readonly label: string; readonly title: string; readonly danger?: boolean };

const KILL: Verb = { verb: "kill", label: "Kill", title: "Power cut: the machine is gone at once", danger: true };
const CUT: Verb = { verb: "cut", label: "Cut", title: "Take its network away; its units keep running" };
const FREEZE: Verb = { verb: "freeze", label: "Freeze", title: "Stop its clock: nothing in it moves" };
const BOOT: Verb = { verb: "boot", label: "Boot", title: "Switch it on" };
const HEAL: Verb = { verb: "heal", label: "Heal", title: "Give its network back" };
const THAW: Verb = { verb: "thaw", label: "Thaw", title: "Let it go on" };

/** What makes sense in each state. */
const VERBS: Readonly<Record<Machine["state"], readonly Verb[]>> = {
  running: [CUT, FREEZE, KILL],
  booting: [KILL],
  cut: [HEAL, KILL],
  frozen: [THAW, KILL],
  off: [BOOT],
};

const WORDS: Readonly<Record<Machine["state"], string>> = {
  running: "running",
  booting: "booting…",
  cut: "network cut",
  frozen: "frozen",
  off: "off",
};

/** One machine: how it is, what runs on it, and what one can do to it. */
export function MachineCard({ machine }: { readonly machine: Machine }) {
  const { name, ip, state } = machine;
  const units = unitsOf(machine);
  const asked = pending.value.get(name);
  return (
    <section class={`card ${state}`} aria-label={`Machine ${name}, ${WORDS[state]}`} data-machine={name}>
      <header>
        <span class="lamp" aria-hidden="true" />
        <h3>{name}</h3>
        <span class="state">{asked === undefined ? WORDS[state] : `${asked}…`}</span>
        <span
          class="address"
          title={`machine id ${machine.machine}${machine.pid === null ? "" : `, init is pid ${machine.pid}`}`}
        >
          {ip}
          <small>{machine.machine.slice(0, 8)}</small>
        </span>
      </header>
      {units.length === 0 ? (
        <p class="nothing">no units</p>
      ) : (
        <ul class="units" aria-label={`Units on ${name}`}>
          {units.map((unit) => (
            <UnitRow key={unit.unit} unit={unit} stale={state !== "running"} />
          ))}
        </ul>
      )}
      <footer>
        {VERBS[state].map(({ verb, label, title, danger = false }) => (
          <button
            key={verb}
            type="button"
            class={danger ? "danger" : ""}
            title={title}
            aria-label={`${label} ${name}`}
            disabled={asked !== undefined}
            onClick={() => act(name, verb)}
          >
            {label}
          </button>
        ))}
      </footer>
    </section>
  );
}
