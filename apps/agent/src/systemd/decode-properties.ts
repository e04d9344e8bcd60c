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
    stateChangedAtMs: Number(raw.StateChangeTimestamp / 1000n),
  };
}
