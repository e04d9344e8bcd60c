import { census, labConnected, labLines, machines, unplaced } from "../state/fleet-state.ts";
import { MachineCard } from "./machine-card.tsx";
import { UnitRow } from "./unit-row.tsx";

/** The machines and what runs on them, live. */
export function FleetPanel() {
  return (
    <aside class="fleet" aria-label="Machines">
      <header>
        <h2>Machines</h2>
        <p role="status">{labConnected.value ? summary() : "The lab does not answer"}</p>
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

/** What is so now; of units on a machine that does not answer it is only said how many there were. */
function summary(): string {
  const { running, active, failing, failed, lastKnown } = census.value;
  return [
    `${running} of ${machines.value.length} running`,
    `${active} ${active === 1 ? "unit" : "units"} active`,
    ...(failing > 0 ? [`${failing} failing`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(lastKnown > 0 ? [`${lastKnown} last known`] : []),
  ].join(" · ");
}
