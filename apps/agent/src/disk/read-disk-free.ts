import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * How much of the file system that holds `folder` is free for everybody but root, in percent, as df(1) counts it. A folder that is not there yet would
 * come to be where its parent is. `null` when the system does not say.
 */
export async function readDiskFree(folder: string): Promise<number | null> {
  try {
    const { blocks, bfree, bavail } = await statfs(folder);
    const usable = blocks - bfree + bavail;
    return usable > 0 ? (bavail / usable) * 100 : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(folder) !== folder) return readDiskFree(dirname(folder));
    if (code === "ENOENT" || code === "EACCES" || code === "ENOSYS") return null;
    throw error;
  }
}
