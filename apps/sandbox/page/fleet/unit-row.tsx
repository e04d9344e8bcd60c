import type { Unit } from "../state/fleet-state.ts";

/** A mark for each state and one for a check that fails, so that colour is never alone. */
const MARKS: Readonly<Record<string, string>> = {
  active: "●",
  reloading: "◐",
  activating: "◐",
  deactivating: "◑",
  failed: "✕",
  inactive: "○",
};

type Props = { readonly unit: Unit; readonly stale?: boolean };

/** One unit: name, image version, systemd's two states, and the health check's word. */
export function UnitRow({ unit, stale = false }: Props) {
  const { unit: name, active, health, image } = unit;
  const failing = health === "failing" && active !== "failed";
  return (
    <li class={`unit ${active} ${failing ? "failing" : ""} ${stale ? "stale" : ""}`}>
      <span class="mark" aria-hidden="true">
        {failing ? "▲" : (MARKS[active] ?? "○")}
      </span>
      <span class="name" title={name}>
        {name.replace(/\.service$/, "")}
        {image !== null && image !== "" && <small title={image}>{version(image)}</small>}
      </span>
      <span class={`word ${health}`}>{describe(unit, stale)}</span>
    </li>
  );
}

/** The state in words. What a machine that does not answer said last is no news. */
function describe({ machine, active, sub, health }: Unit, stale: boolean): string {
  if (machine === null) return "waits for a machine";
  if (stale && active === "inactive") return "not heard from";
  const checked = health === "none" || health === "unknown" ? [] : [health];
  return [`${active}/${sub}`, ...checked, ...(stale ? ["last known"] : [])].join(" · ");
}

/** What tells releases apart at a glance: the tag, else the head of the digest. */
function version(image: string): string {
  const [name = "", digest] = image.split("@");
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag ?? digest?.replace("sha256:", "").slice(0, 8) ?? "";
}
