import { refuse, succeed, type Result } from "@quarterdeck/model";
import { fromIssues, type Diagnostic } from "./diagnostic.ts";
import { ignitionSchema, type IgnitionConfig } from "./spec.ts";

/**
 * Checks a config as Ignition itself would, and more strictly: every entry's shape, that no path, unit, drop-in or account is
 * named twice, and that nothing lies below a file or a link. All faults are told, not the first one only.
 */
export function decodeIgnition(value: unknown): Result<IgnitionConfig, readonly Diagnostic[]> {
  const parsed = ignitionSchema.safeParse(value);
  if (!parsed.success) return refuse(fromIssues(parsed.error.issues));
  const diagnostics = [...repeatedNames(parsed.data), ...pathsBelowFiles(parsed.data)];
  return diagnostics.length === 0 ? succeed(parsed.data) : refuse(diagnostics);
}

type Named = { readonly where: string; readonly name: string };

function repeatedNames(config: IgnitionConfig): readonly Diagnostic[] {
  const units = config.systemd?.units ?? [];
  const spaces = [
    placedPaths(config),
    units.map((unit, index) => ({ where: `systemd.units.${index}.name`, name: unit.name })),
    (config.passwd?.users ?? []).map((user, index) => ({ where: `passwd.users.${index}.name`, name: user.name })),
    (config.passwd?.groups ?? []).map((group, index) => ({ where: `passwd.groups.${index}.name`, name: group.name })),
    ...units.map((unit, index) =>
      (unit.dropins ?? []).map((dropin, at) => ({
        where: `systemd.units.${index}.dropins.${at}.name`,
        name: dropin.name,
      })),
    ),
  ];
  return spaces.flatMap(repeatedIn);
}

function repeatedIn(space: readonly Named[]): readonly Diagnostic[] {
  const first = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const { where, name } of space) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, where);
    else diagnostics.push({ path: where, message: `${name} is already at ${earlier}` });
  }
  return diagnostics;
}

function pathsBelowFiles(config: IgnitionConfig): readonly Diagnostic[] {
  const leaves = new Set(
    [...(config.storage?.files ?? []), ...(config.storage?.links ?? [])].map((entry) => entry.path),
  );
  return placedPaths(config).flatMap(({ where, name }) => {
    const parent = ancestors(name).find((ancestor) => leaves.has(ancestor));
    return parent === undefined
      ? []
      : [{ path: where, message: `${name} lies below ${parent}, which is not a directory` }];
  });
}

function placedPaths(config: IgnitionConfig): readonly Named[] {
  const { files = [], directories = [], links = [] } = config.storage ?? {};
  return Object.entries({ files, directories, links }).flatMap(([kind, entries]) =>
    entries.map((entry, index) => ({ where: `storage.${kind}.${index}.path`, name: entry.path })),
  );
}

/** `/a/b/c` → `/a/b`, `/a`. */
function ancestors(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(2).map((_, index) => parts.slice(0, parts.length - 1 - index).join("/"));
}
