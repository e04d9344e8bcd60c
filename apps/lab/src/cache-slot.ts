import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Makes a directory of the cache that does not exist yet: `make` fills one beside it, which is renamed into place when all is there.
 * Caches are shared between homes, so another process may make the same; whoever is done first wins. Leftovers of killed makers go.
 */
export async function fillCacheSlot(dir: string, make: (aside: string) => Promise<void>): Promise<void> {
  if (existsSync(dir)) return;
  const aside = await openAside(dir);
  try {
    await make(aside);
    await rename(aside, dir);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** An empty directory beside `dir`, of this process alone, to be renamed to it. */
export async function openAside(dir: string): Promise<string> {
  const aside = `${dir}.making-${process.pid}`;
  await mkdir(dirname(dir), { recursive: true });
  await removeStale(dir);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside);
  return aside;
}

async function removeStale(dir: string): Promise<void> {
  for (const name of await readdir(dirname(dir))) {
    const maker = /^(.+)\.making-(\d+)$/.exec(name);
    if (maker?.[1] === basename(dir) && !existsSync(`/proc/${maker[2]}`))
      await rm(join(dirname(dir), name), { recursive: true, force: true });
  }
}
