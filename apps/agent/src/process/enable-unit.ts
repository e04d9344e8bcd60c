import { mkdir, readFile, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { unitNameSchema, type UnitName } from "@quarterdeck/model";
import { parseUnitFile, valuesOf } from "@quarterdeck/units";

const KINDS = [
  ["WantedBy", "wants"],
  ["RequiredBy", "requires"],
] as const;

/**
 * Makes the links that `systemctl enable --runtime` would make for `WantedBy=` and `RequiredBy=`, and returns the units that got one. They are kept and
 * not followed: plain processes know no dependencies.
 */
export async function enableUnit(links: string, unit: UnitName): Promise<readonly UnitName[]> {
  const text = await readFile(join(links, unit), "utf8").catch(() => "");
  const document = parseUnitFile(text);
  if (!document.ok) return [];
  const made = new Set<UnitName>();
  for (const [key, kind] of KINDS) {
    for (const word of valuesOf(document.value, "Install", key).flatMap((value) => value.split(/\s+/))) {
      const wanter = unitNameSchema.safeParse(word);
      if (!wanter.success) continue;
      const folder = join(links, `${wanter.data}.${kind}`);
      await mkdir(folder, { recursive: true });
      if (await isNewLink(join(links, unit), join(folder, unit))) made.add(wanter.data);
    }
  }
  return [...made];
}

/** Takes every link to the unit away; no error when there is none. */
export async function disableUnit(links: string, unit: UnitName): Promise<void> {
  for (const name of await readdir(links).catch((): string[] => []))
    if (/\.(wants|requires)$/.test(name)) await rm(join(links, name, unit), { force: true });
}

async function isNewLink(target: string, path: string): Promise<boolean> {
  try {
    await symlink(target, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
