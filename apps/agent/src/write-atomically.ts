import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The file is either the old or the new one, whatever happens meanwhile; `durable` survives a power cut right after. */
export async function writeAtomically(
  path: string,
  text: string,
  options: { readonly mode: number; readonly durable: boolean },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const file = await open(aside, "w", options.mode);
    try {
      await file.writeFile(text);
      if (options.durable) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
