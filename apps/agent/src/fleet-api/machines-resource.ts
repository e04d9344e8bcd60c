import type { FleetCluster, FleetMachine } from "@quarterdeck/commands/fleet";
import { failure, type Answer } from "./answer.ts";
import { decodeBody, machinePatchSchema, type MachinePatch } from "./decode.ts";
import { pageOf, parsePage } from "./page.ts";

export async function listMachines(
  cluster: FleetCluster,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<Answer> {
  const page = parsePage(query);
  if (!page.ok) return failure(400, page.error);
  return { status: 200, body: pageOf("machines", (await cluster.machines(signal)).map(machineJson), page.value) };
}

/** Checks the patch as fleet did, one operation after the other; this version's engine cannot carry it out yet. */
export function patchMachines(body: string): Answer {
  const decoded = decodeBody(machinePatchSchema, body);
  if (!decoded.ok) return failure(400, decoded.error);
  const fault = decoded.value.map(faultOf).find((found) => found !== null);
  if (fault !== undefined) return failure(400, fault);
  if (decoded.value.length === 0) return { status: 204, body: null };
  return failure(
    501,
    "NOT_YET: this version cannot change a machine's metadata while it runs; set machine.metadata in its quarterdeck.toml",
  );
}

function faultOf({ op, path, value }: MachinePatch[number]): string | null {
  if (!["add", "remove", "replace"].includes(op)) return "invalid op: expect add, remove, or replace";
  if (!/^\/[^/]+\/metadata\/[A-Za-z0-9_.-]+$/.test(path)) return "machine metadata path invalid";
  return op !== "remove" && value === "" ? "invalid value: add and replace require a value" : null;
}

function machineJson({ machine, address, metadata }: FleetMachine): Readonly<Record<string, unknown>> {
  return {
    id: machine,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(address === "" ? {} : { primaryIP: address }),
  };
}
