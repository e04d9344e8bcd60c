import { existsSync } from "node:fs";
import { copyFile, mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "./make-executable.ts";

/** Node is linked against these, and a CoreOS may lack them. */
export const SHIPPED_LIBRARIES = ["libatomic.so.1", "libstdc++.so.6", "libgcc_s.so.1"] as const;
export type ShippedLibrary = (typeof SHIPPED_LIBRARIES)[number];

const TRIPLETS: Readonly<Record<Architecture, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** Copies them from this host (for another architecture: from Debian's cross packages) to `dir`; returns those it did not find, and makes no `dir` for none. */
export async function copyLibraries(arch: Architecture, dir: string): Promise<readonly ShippedLibrary[]> {
  const triplet = TRIPLETS[arch];
  const native =
    arch === process.arch ? [`/usr/lib/${triplet}`, `/lib/${triplet}`, "/usr/lib64", "/lib64", "/usr/lib", "/lib"] : [];
  const places = [...native, `/usr/${triplet}/lib`];
  const missing: ShippedLibrary[] = [];
  for (const name of SHIPPED_LIBRARIES) {
    const found = places.map((place) => join(place, name)).find((path) => existsSync(path));
    if (found === undefined) {
      missing.push(name);
      continue;
    }
    await mkdir(dir, { recursive: true });
    await copyFile(await realpath(found), join(dir, name));
  }
  return missing;
}
