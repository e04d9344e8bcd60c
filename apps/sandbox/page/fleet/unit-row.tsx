import type { Unit } from "../state/fleet-state.ts";

/** A mark for each state, so that colour is never alone. */
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
export function UnitRow({ unit: { unit, active, sub, health, image, target }, stale = false }: Props) {
  const state = active ?? (target === "launched" ? "waiting" : "inactive");
  const words = [active === null ? state : `${active}/${sub ?? "-"}`, health].filter(
    (part) => part !== null && part !== "" && part !== "none",
  );
  return (
    <li class={`unit ${state} ${stale ? "stale" : ""}`}>
      <span class="mark" aria-hidden="true">
        {MARKS[state] ?? "○"}
      </span>
      <span class="name" title={unit}>
        {unit.replace(/\.service$/, "")}
        {typeof image === "string" && image !== "" && <small title={image}>{version(image)}</small>}
      </span>
      <span class={`word ${health ?? ""}`}>
        {words.join(" · ")}
        {stale && " (last known)"}
      </span>
    </li>
  );
}

/** What tells releases apart at a glance: the tag, else the head of the digest. */
function version(image: string): string {
  const [name = "", digest] = image.split("@");
  const tag = /:([^:/]+)$/.exec(name)?.[1];
  return tag ?? digest?.replace("sha256:", "").slice(0, 8) ?? "";
}
