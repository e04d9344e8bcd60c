import type { UnitName } from "@quarterdeck/model";

const PREFIX = "/org/freedesktop/systemd1/unit/";

/** `web@2.service` → `/org/freedesktop/systemd1/unit/web_402_2eservice`. @see sd_bus_path_encode(3) */
export function unitObjectPath(unit: UnitName): string {
  return (
    PREFIX +
    unit.replaceAll(/[^A-Za-z0-9]|^[0-9]/g, (character) => `_${character.charCodeAt(0).toString(16).padStart(2, "0")}`)
  );
}

/** The unit's name in an object path, or `null` for an object that is not a unit. */
export function unitOfObjectPath(path: string): string | null {
  if (!path.startsWith(PREFIX)) return null;
  return path
    .slice(PREFIX.length)
    .replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
