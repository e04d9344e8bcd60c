import { refuse, type Result, type UnitName } from "@quarterdeck/model";

/** The refusal of a unit that needs what plain processes do not have; `rule` says what works instead. */
export function refuseUnit(unit: UnitName, what: string, rule: string): Result<never> {
  return refuse({
    code: "SYSTEMD_REFUSED",
    message: `${unit}: ${what}`,
    why: "this machine is made of plain processes, without systemd",
    try: rule,
  });
}
