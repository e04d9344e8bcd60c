import { parseUnitName, splitUnitName, type UnitName } from "@quarterdeck/model";
import { checkRules } from "./check-unit.ts";
import { findingOf, type Finding } from "./finding.ts";
import { findBadValues } from "./mistakes/find-bad-values.ts";
import { findContainerMistakes } from "./mistakes/find-container-mistakes.ts";
import { findDependencyMistakes } from "./mistakes/find-dependency-mistakes.ts";
import { findRefusals } from "./mistakes/find-refusals.ts";
import { findServiceMistakes } from "./mistakes/find-service-mistakes.ts";
import { findUnknownKeys } from "./mistakes/find-unknown-keys.ts";
import { parseUnitFile } from "./parse-unit-file.ts";
import { warnUnit } from "./warn-unit.ts";

/**
 * Everything that can be said about a unit file without a machine: what `submit` refuses, what systemd refuses, and the mistakes that both
 * accept. In the order of the lines. Offline: what other units, images or machines there are is not looked at.
 */
export function verifyUnit(name: string, text: string): readonly Finding[] {
  const named = parseUnitName(name);
  if (!named.ok) return [findingOf(named.error, "name")];
  const checked = checkRules(named.value, text);
  const refused = checked.ok ? [] : [findingOf(checked.error, "refused")];
  const document = parseUnitFile(text);
  if (!document.ok) return refused;
  const found = [
    ...refused,
    ...warnUnit(document.value, named.value),
    ...findUnknownKeys(document.value),
    ...findBadValues(document.value),
    ...findDependencyMistakes(document.value),
    ...(isService(named.value)
      ? [
          ...findRefusals(document.value),
          ...findServiceMistakes(document.value),
          ...findContainerMistakes(document.value),
        ]
      : []),
  ];
  return found.toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0));
}

function isService(name: UnitName): boolean {
  return splitUnitName(name).suffix === ".service";
}
