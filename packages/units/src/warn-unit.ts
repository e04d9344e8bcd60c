import { nearest, type UnitName } from "@quarterdeck/model";
import { warning, type Finding } from "./finding.ts";
import { FLEET_SECTION, modernKey } from "./fleet-keys.ts";
import { DEPLOY_SECTION } from "./parse-deploy-spec.ts";
import { assignmentsIn, type UnitDocument } from "./unit-document.ts";

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
export function warnUnit(document: UnitDocument, name: UnitName): readonly Finding[] {
  const warnings: Finding[] = [];
  for (const assignment of assignmentsIn(document, FLEET_SECTION)) {
    const modern = modernKey(assignment.key);
    if (modern === null || modern === assignment.key) continue;
    warnings.push(
      warning(
        {
          rule: "old-spelling",
          message: `${assignment.key}= is fleet's old spelling`,
          try: `${modern}=${assignment.value}`,
        },
        assignment,
      ),
    );
  }
  for (const item of document.items) {
    if (item.kind !== "section") continue;
    const close = nearest(item.name, SECTIONS);
    if (item.name === "Install") {
      warnings.push(
        warning(
          {
            rule: "install-section",
            message: `[Install] is not acted on: ${name} starts when it is started here`,
            try: "remove the section, or keep it for use by hand",
          },
          headerOf(item),
        ),
      );
    } else if (!SECTIONS.includes(item.name) && (!item.name.startsWith("X-") || close !== null)) {
      warnings.push(
        warning(
          {
            rule: "unread-section",
            message: `nothing reads the section [${item.name}]`,
            try: close === null ? "begin its name with X- to keep it" : `[${close}]`,
          },
          headerOf(item),
        ),
      );
    }
  }
  return warnings.toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0));
}

const headerOf = ({ line }: { readonly line: number }) => ({ line, column: 1 });
