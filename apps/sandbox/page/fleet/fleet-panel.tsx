import { labConnected, labLines, machines, units, unplaced } from "../state/fleet-state.ts";
import { MachineCard } from "./machine-card.tsx";
import { UnitRow } from "./unit-row.tsx";

/** The machines and what runs on them, live. */
export function FleetPanel() {
  const running = machines.value.filter(({ state }) => state === "running").length;
  const active = units.value.filter((unit) => unit.active === "active").length;
  const failed = units.value.filter((unit) => unit.active === "failed").length;
  return (
    <aside class="fleet" aria-label="Machines">
      <header>
        <h2>Machines</h2>
        <p role="status">
          {labConnected.value
            ? `${running} of ${machines.value.length} running · ${active} units active${failed > 0 ? ` · ${failed} failed` : ""}`
            : "The lab does not answer"}
        </p>
      </header>
      <div class="cards">
        {machines.value.length === 0 && (
          <p class="nothing">No machines to show. They appear here once the lab has booted them.</p>
        )}
        {machines.value.map((machine) => (
          <MachineCard key={machine.name} machine={machine} />
        ))}
        {unplaced.value.length > 0 && (
          <section class="card nowhere" aria-label="Units that run nowhere">
            <header>
              <h3>Nowhere</h3>
              <span class="address">wanted, not placed</span>
            </header>
            <ul class="units">
              {unplaced.value.map((unit) => (
                <UnitRow key={unit.unit} unit={unit} />
              ))}
            </ul>
          </section>
        )}
        {labLines.value.length > 0 && (
          <details class="lab-log">
            <summary>Lab log</summary>
            <pre tabIndex={0}>{labLines.value.join("\n")}</pre>
          </details>
        )}
      </div>
    </aside>
  );
}
