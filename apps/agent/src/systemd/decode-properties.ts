import type { UnitName } from "@quarterdeck/model";
import { z } from "zod";
import type { UnitNews, UnitProperties } from "../ports.ts";

const UNIT_INTERFACE = "org.freedesktop.systemd1.Unit";

const bytes = z.union([z.instanceof(Uint8Array), z.array(z.number())]);

/** What a change of any unit tells, all of it each time. @see org.freedesktop.systemd1(5), "EmitsChangedSignal" */
const unitNewsSchema = z.object({
  ActiveState: z.string(),
  SubState: z.string(),
  InvocationID: bytes.default([]),
  StateChangeTimestamp: z.coerce.bigint(),
  ActiveEnterTimestamp: z.coerce.bigint(),
  InactiveEnterTimestamp: z.coerce.bigint(),
});

/** Of the interface of the unit's own type; what a type does not have is missing. */
const typeNewsSchema = z.object({
  Result: z.string().optional(),
  NRestarts: z.coerce.number().optional(),
  MainPID: z.number().optional(),
});

const propertiesSchema = z.object({
  ...unitNewsSchema.shape,
  LoadState: z.string(),
  NeedDaemonReload: z.boolean(),
  FragmentPath: z.string(),
});

/** By the unit's ending, the interface of its type and which of its properties matter; what is not here has none of them. @see org.freedesktop.systemd1(5) */
const OF_TYPE: Readonly<Record<string, readonly [string, ...(keyof TypeNews)[]]>> = {
  service: ["Service", "Result", "NRestarts", "MainPID"],
  socket: ["Socket", "Result"],
  timer: ["Timer", "Result"],
  path: ["Path", "Result"],
  mount: ["Mount", "Result"],
  automount: ["Automount", "Result"],
  swap: ["Swap", "Result"],
  scope: ["Scope", "Result"],
};

/** The properties that {@link decodeProperties} wants, each with its interface. */
export function questionsOf(unit: UnitName): readonly (readonly [of: string, property: string])[] {
  const [of, ...properties] = OF_TYPE[unit.slice(unit.lastIndexOf(".") + 1)] ?? [""];
  return [
    ...Object.keys(propertiesSchema.shape).map((property) => [UNIT_INTERFACE, property] as const),
    ...properties.map((property) => [`org.freedesktop.systemd1.${of}`, property] as const),
  ];
}

/** A row of `ListUnitsByNames`: name, description, load, active and sub state, and what is of no matter here. */
const rowSchema = z.tuple([z.string(), z.string(), z.string(), z.string()], z.unknown());

/** Of the first unit of a `ListUnitsByNames`. */
export function decodeRow(rows: unknown): Pick<UnitProperties, "load" | "active"> {
  const [[, , load, active]] = z.tuple([rowSchema], z.unknown()).parse(rows);
  return { load, active };
}

/** From the answers to {@link questionsOf}, or all that all interfaces of the unit have, by the properties' names. */
export function decodeProperties(answers: unknown): UnitProperties {
  const raw = propertiesSchema.parse(answers);
  return {
    result: "success",
    restarts: 0,
    mainPid: 0,
    ...typeNews(typeNewsSchema.parse(answers)),
    ...decodeState(raw),
    load: raw.LoadState,
    needReload: raw.NeedDaemonReload,
    fragmentPath: raw.FragmentPath,
  };
}

/**
 * What a `PropertiesChanged` tells of a unit, from the signal's body: the interface, its properties that changed with their values, and the names of
 * those without. `null` when it is not as systemd has it.
 */
export function decodeNews(body: readonly unknown[]): UnitNews {
  const [of, values] = body;
  if (of === UNIT_INTERFACE) {
    const news = unitNewsSchema.safeParse(values);
    return news.success ? decodeState(news.data) : null;
  }
  const news = typeNewsSchema.safeParse(values);
  if (!news.success) return null;
  return typeNews(news.data);
}

type TypeNews = z.infer<typeof typeNewsSchema>;

function typeNews({ Result, NRestarts, MainPID }: TypeNews): Partial<UnitProperties> {
  return {
    ...(Result === undefined ? {} : { result: Result }),
    ...(NRestarts === undefined ? {} : { restarts: NRestarts }),
    ...(MainPID === undefined ? {} : { mainPid: MainPID }),
  };
}

function decodeState(raw: z.infer<typeof unitNewsSchema>) {
  return {
    active: raw.ActiveState,
    sub: raw.SubState,
    invocationId: Buffer.from(raw.InvocationID).toString("hex"),
    stateChangedAtMs: Number(changedAt(raw) / 1000n),
  };
}

/** Since when the active state is what it is; StateChangeTimestamp moves with the sub state, too. */
function changedAt(raw: z.infer<typeof unitNewsSchema>): bigint {
  if (raw.ActiveState === "active") return raw.ActiveEnterTimestamp;
  if (raw.ActiveState === "inactive" || raw.ActiveState === "failed") return raw.InactiveEnterTimestamp;
  return raw.StateChangeTimestamp;
}
