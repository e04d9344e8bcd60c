import type { Problem } from "@quarterdeck/model";
import type { DBusError } from "dbus-native";
import type { SystemdCall } from "./systemd-connection.ts";

/**
 * An error of systemd for a person: what it did not do and its own words for that; the D-Bus name, which tells nobody but a programmer
 * anything, stands in `why`. @see org.freedesktop.systemd1(5)
 */
export function describeRefusal({ member, body }: SystemdCall, error: DBusError): Omit<Problem, "code"> {
  const name = error.dbusName ?? "an error without a name";
  // A unit, or a list of one.
  const first: unknown = Array.isArray(body?.[0]) ? body[0][0] : body?.[0];
  const unit = typeof first === "string" ? first : "";
  const verb = VERBS.get(member);
  const what = verb === undefined || unit === "" ? `systemd refused ${member}` : `systemd did not ${verb} ${unit}`;
  const said = error.message === name ? "" : error.message.replace(/\.$/, "");
  const hint = hintFor(name.slice(name.lastIndexOf(".") + 1), unit);
  return {
    message: `${what}: ${said === "" ? "it gave no reason" : said}`,
    why: `${member} was answered with ${name}`,
    ...(hint === null ? {} : { try: hint }),
  };
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ["StartUnit", "start"],
  ["StopUnit", "stop"],
  ["RestartUnit", "restart"],
  ["ResetFailedUnit", "reset"],
  ["EnableUnitFiles", "enable"],
  ["DisableUnitFiles", "disable"],
]);

function hintFor(name: string, unit: string): string | null {
  switch (name) {
    case "BadUnitSetting":
    case "LoadFailed":
      return `fleet cat ${unit} > ${unit}, then fleet verify ${unit}`;
    case "UnitMasked":
      return `systemctl unmask ${unit} on the machine`;
    default:
      return null;
  }
}
