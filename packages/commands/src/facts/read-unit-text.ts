import { parseUnitFile, valueOf } from "@quarterdeck/units";

/** What the waiting and the lists need to know of a unit file. */
export type UnitTraits = {
  /** `[X-Fleet] Global=`: on every machine that matches. */
  readonly global: boolean;
  /** `[Service] Type=oneshot`: done when it has ended, not when it is active. */
  readonly runsOnce: boolean;
};

/** Lenient: of a text that is no unit file nothing is true; the engine is the one that judges it. */
export function readUnitText(text: string): UnitTraits {
  const document = parseUnitFile(text);
  if (!document.ok) return { global: false, runsOnce: false };
  return {
    global: isTrue(valueOf(document.value, "X-Fleet", "Global")),
    runsOnce:
      valueOf(document.value, "Service", "Type") === "oneshot" &&
      !isTrue(valueOf(document.value, "Service", "RemainAfterExit")),
  };
}

function isTrue(value: string | null): boolean {
  return value !== null && /^(true|yes|1|on|t)$/i.test(value.trim());
}
