import { z } from "zod";
import type { UnitProperties } from "../ports.ts";

/** All interfaces' properties of a unit object in one map. @see org.freedesktop.systemd1(5) */
const propertiesSchema = z.object({
  LoadState: z.string(),
  ActiveState: z.string(),
  SubState: z.string(),
  Result: z.string().default("success"),
  NRestarts: z.coerce.number().default(0),
  InvocationID: z.union([z.instanceof(Uint8Array), z.array(z.number())]).default([]),
  MainPID: z.number().default(0),
  NeedDaemonReload: z.boolean(),
  FragmentPath: z.string(),
  StateChangeTimestamp: z.coerce.bigint(),
  ActiveEnterTimestamp: z.coerce.bigint(),
  InactiveEnterTimestamp: z.coerce.bigint(),
});

export function decodeProperties(value: unknown): UnitProperties {
  const raw = propertiesSchema.parse(value);
  return {
    load: raw.LoadState,
    active: raw.ActiveState,
    sub: raw.SubState,
    result: raw.Result,
    restarts: raw.NRestarts,
    invocationId: Buffer.from(raw.InvocationID).toString("hex"),
    mainPid: raw.MainPID,
    needReload: raw.NeedDaemonReload,
    fragmentPath: raw.FragmentPath,
    stateChangedAtMs: Number(changedAt(raw) / 1000n),
  };
}

/** Since when the active state is what it is; StateChangeTimestamp moves with the sub state, too. */
function changedAt(raw: z.infer<typeof propertiesSchema>): bigint {
  if (raw.ActiveState === "active") return raw.ActiveEnterTimestamp;
  if (raw.ActiveState === "inactive" || raw.ActiveState === "failed") return raw.InactiveEnterTimestamp;
  return raw.StateChangeTimestamp;
}
