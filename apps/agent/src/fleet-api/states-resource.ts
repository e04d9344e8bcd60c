import type { FleetCluster, FleetState } from "@quarterdeck/commands/fleet";
import { failure, type Answer } from "./answer.ts";
import { pageOf, parsePage } from "./page.ts";

/** Of `machineID` and `unitName` the first value counts, and an empty one is none. */
export async function listStates(cluster: FleetCluster, query: URLSearchParams, signal: AbortSignal): Promise<Answer> {
  const page = parsePage(query);
  if (!page.ok) return failure(400, page.error);
  const machine = query.get("machineID") ?? "";
  const unit = query.get("unitName") ?? "";
  const states = (await cluster.states(signal)).filter(
    (state) => (machine === "" || state.machine === machine) && (unit === "" || state.unit === unit),
  );
  return { status: 200, body: pageOf("states", states.map(stateJson), page.value) };
}

/** Of a unit on several machines the first one's. */
export async function getState(cluster: FleetCluster, name: string, signal: AbortSignal): Promise<Answer> {
  const state = (await cluster.states(signal)).find(({ unit }) => unit === name);
  return state === undefined ? failure(404, "unit state does not exist") : { status: 200, body: stateJson(state) };
}

function stateJson({ unit, hash, machine, load, active, sub }: FleetState): Readonly<Record<string, unknown>> {
  return {
    ...(hash === null ? {} : { hash }),
    machineID: machine,
    name: unit,
    systemdActiveState: active,
    systemdLoadState: load,
    systemdSubState: sub,
  };
}
