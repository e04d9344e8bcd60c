import type { FleetCluster, FleetMachine } from "@quarterdeck/commands/fleet";
import { machineIdSchema, metadataSchema, type MachineId } from "@quarterdeck/model";
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

/**
 * Checks the whole patch before anything of it is done; then one machine after the other, each in one step. The cluster is opened only for
 * a patch that is sound.
 */
export async function patchMachines(
  open: () => Promise<FleetCluster>,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  const decoded = decodeBody(machinePatchSchema, body);
  if (!decoded.ok) return failure(400, decoded.error);
  const changes = new Map<MachineId, Record<string, string>>();
  for (const operation of decoded.value) {
    const change = readOperation(operation);
    if (!change.ok) return failure(400, change.error);
    const { machine, key, value } = change;
    changes.set(machine, { ...changes.get(machine), [key]: value });
  }
  if (changes.size === 0) return { status: 204, body: null };
  const cluster = await open();
  for (const [machine, metadata] of changes) await cluster.setMetadata(machine, metadata, signal);
  return { status: 204, body: null };
}

type Change =
  | { readonly ok: true; readonly machine: MachineId; readonly key: string; readonly value: string }
  | { readonly ok: false; readonly error: string };

function readOperation({ op, path, value }: MachinePatch[number]): Change {
  if (!["add", "remove", "replace"].includes(op))
    return { ok: false, error: "invalid op: expect add, remove, or replace" };
  const [, id = "", key = ""] = /^\/([^/]+)\/metadata\/([A-Za-z0-9_.-]+)$/.exec(path) ?? [];
  const machine = machineIdSchema.safeParse(id);
  if (!machine.success || !metadataSchema.safeParse({ [key]: "" }).success)
    return { ok: false, error: "machine metadata path invalid" };
  if (op === "remove") return { ok: true, machine: machine.data, key, value: "" };
  if (value === "") return { ok: false, error: "invalid value: add and replace require a value" };
  if (!metadataSchema.safeParse({ [key]: value }).success)
    return { ok: false, error: `invalid value: ${key} takes up to 128 of A-Z a-z 0-9 _ . : / -` };
  return { ok: true, machine: machine.data, key, value };
}

function machineJson({ machine, address, metadata }: FleetMachine): Readonly<Record<string, unknown>> {
  return {
    id: machine,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(address === "" ? {} : { primaryIP: address }),
  };
}
