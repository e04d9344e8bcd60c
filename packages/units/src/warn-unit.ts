import { nearest, type UnitName } from "@quarterdeck/model";
import { FLEET_SECTION, modernKey } from "./fleet-keys.ts";
import { DEPLOY_SECTION } from "./parse-deploy-spec.ts";
import { assignmentsIn, type UnitDocument } from "./unit-document.ts";

/** Something that is accepted but most likely not meant; `line` counts from 1. */
export type UnitWarning = { readonly line: number; readonly message: string; readonly try: string };

const SECTIONS = [
  "Unit",
  "Install",
  "Service",
  "Socket",
  "Timer",
  "Path",
  "Mount",
  "Automount",
  "Swap",
  "Slice",
  "Scope",
  FLEET_SECTION,
  DEPLOY_SECTION,
];

/** Legacy spellings of `[X-Fleet]`, sections that nothing reads, and `[Install]`, in the order of the file. */
export function warnUnit(document: UnitDocument, name: UnitName): readonly UnitWarning[] {
  const warnings: UnitWarning[] = [];
  for (const assignment of assignmentsIn(document, FLEET_SECTION)) {
    const modern = modernKey(assignment.key);
    if (modern === null || modern === assignment.key) continue;
    warnings.push({
      line: assignment.line,
      message: `${assignment.key}= is fleet's old spelling`,
      try: `${modern}=${assignment.value}`,
    });
  }
  for (const item of document.items) {
    if (item.kind !== "section") continue;
    const close = nearest(item.name, SECTIONS);
    if (item.name === "Install") {
      warnings.push({
        line: item.line,
        message: `[Install] is not acted on: ${name} starts when it is started here`,
        try: "remove the section, or keep it for use by hand",
      });
    } else if (!SECTIONS.includes(item.name) && (!item.name.startsWith("X-") || close !== null)) {
      warnings.push({
        line: item.line,
        message: `nothing reads the section [${item.name}]`,
        try: close === null ? "begin its name with X- to keep it" : `[${close}]`,
      });
    }
  }
  return warnings.toSorted((left, right) => left.line - right.line);
}
