import { refuse, succeed, unitIdentitySchema, type Result, type UnitIdentity } from "@quarterdeck/model";
import type { Read } from "./fleet-reader.ts";
import type { FleetOptions, Reschedule } from "./parse-fleet-options.ts";
import { parseCores, parseMebibytes } from "./parse-size.ts";
import { parseTruth } from "./parse-truth.ts";
import { unitFault } from "./unit-fault.ts";

/** What Quarterdeck added to fleet's options. */
export type OwnOptions = Pick<
  FleetOptions,
  "memoryReserveMiB" | "cpuReserveCores" | "spread" | "singleton" | "reschedule" | "runOnce" | "identity" | "system"
>;

/** The last word of each key counts. */
export function readOwnKeys(read: Read): Result<OwnOptions> {
  const memory = read("MemoryReserve", parseMebibytes);
  if (!memory.ok) return memory;
  const cores = read("CPUReserve", parseCores);
  if (!cores.ok) return cores;
  const spread = read("Spread", parseMetadataKey);
  if (!spread.ok) return spread;
  const singleton = read("Singleton", parseTruth);
  if (!singleton.ok) return singleton;
  const reschedule = read("Reschedule", parseReschedule);
  if (!reschedule.ok) return reschedule;
  const runOnce = read("RunOnce", parseTruth);
  if (!runOnce.ok) return runOnce;
  const identity = read("Identity", parseIdentity);
  if (!identity.ok) return identity;
  const system = read("System", parseTruth);
  if (!system.ok) return system;
  return succeed({
    memoryReserveMiB: memory.value.at(-1) ?? null,
    cpuReserveCores: cores.value.at(-1) ?? null,
    spread: spread.value.at(-1) ?? null,
    singleton: singleton.value.at(-1) ?? false,
    reschedule: reschedule.value.at(-1) ?? "lost",
    runOnce: runOnce.value.at(-1) ?? false,
    identity: identity.value.at(-1) ?? null,
    system: system.value.at(-1) ?? false,
  });
}

function parseMetadataKey(word: string): Result<string> {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(word)) return succeed(word);
  return refuse(unitFault(`${JSON.stringify(word)} is not a key of machine metadata`, "Spread=zone"));
}

const RESCHEDULES: readonly Reschedule[] = ["never", "lost", "failed"];

function parseReschedule(word: string): Result<Reschedule> {
  const known = RESCHEDULES.find((each) => each === word);
  if (known !== undefined) return succeed(known);
  return refuse(unitFault(`${JSON.stringify(word)} is none of ${RESCHEDULES.join(", ")}`, "Reschedule=lost"));
}

/** The names of Quarterdeck's own certificates besides `bot`: with one of them a unit could act for a machine, or for the cluster. */
const OWN_NAMES = /^(machine(:.*)?|etcd|engine|api|root|peer)$/;

/** Decided here and not by policy, so that `verify` says what the engine says at submit. */
function parseIdentity(word: string): Result<UnitIdentity> {
  const identity = unitIdentitySchema.safeParse(word);
  if (identity.success) return succeed(identity.data);
  const said = JSON.stringify(word);
  if (OWN_NAMES.test(word))
    return refuse(unitFault(`${said} is a certificate of Quarterdeck's own, which no unit is given`, "Identity=bot"));
  if (word.startsWith("operator:"))
    return refuse(unitFault(`${said} is a person's certificate, which no unit is given`, "Identity=bot"));
  return refuse(unitFault(`${said} is not an identity that a unit may have`, "Identity=bot"));
}
