import { readFile } from "node:fs/promises";
import { splitUnitName, type UnitName } from "@quarterdeck/model";
import { z } from "zod";
import type { ScheduledUnit } from "../plan-pass.ts";
import { writeAtomically } from "../write-atomically.ts";

/** How many releases' images of a service are kept on a machine: the one that runs and two to roll back to. */
export const KEPT_RELEASES = 3;

const fileSchema = z.object({ v: z.literal(1), images: z.record(z.string(), z.array(z.string())) });

/**
 * The images that this machine was told to run last, by service: an agent may not read the releases in etcd, and a rollback goes to one that ran here. On
 * disk, because the container runtime's memory outlives the agent's.
 */
export class ImageMemory {
  readonly #path: string;
  readonly #images: Map<string, readonly string[]>;

  private constructor(path: string, images: Map<string, readonly string[]>) {
    this.#path = path;
    this.#images = images;
  }

  /** What is missing or cannot be read (`onUnreadable`) is an empty memory: then a rollback has to pull again. */
  static async open(path: string, onUnreadable: (error: unknown) => void): Promise<ImageMemory> {
    try {
      const file = fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
      return new ImageMemory(path, new Map(Object.entries(file.images)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") onUnreadable(error);
      return new ImageMemory(path, new Map());
    }
  }

  get images(): readonly string[] {
    return [...this.#images.values()].flat();
  }

  /** Writes only when there is a new image. */
  async note(entries: ReadonlyMap<UnitName, ScheduledUnit>): Promise<void> {
    let changed = false;
    for (const [unit, { entry }] of entries) {
      const image = entry.environment["IMAGE"];
      if (image === undefined || entry.target.kind === "absent") continue;
      const service = splitUnitName(unit).prefix;
      const known = this.#images.get(service) ?? [];
      if (known.includes(image)) continue;
      this.#images.set(service, [image, ...known].slice(0, KEPT_RELEASES));
      changed = true;
    }
    if (!changed) return;
    const text = JSON.stringify({ v: 1, images: Object.fromEntries(this.#images) });
    await writeAtomically(this.#path, text, { mode: 0o600, durable: false });
  }
}
