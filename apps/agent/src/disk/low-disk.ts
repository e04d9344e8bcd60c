import type { Logger } from "@quarterdeck/daemon";
import { problemOf, type UnitName } from "@quarterdeck/model";
import type { ScheduledUnit } from "../plan-pass.ts";
import type { Clock, UnitManager } from "../ports.ts";
import type { UnitFiles } from "../unit-files.ts";
import type { ContainerImages } from "./container-images.ts";
import type { ImageMemory } from "./image-memory.ts";
import { planImageRemoval } from "./plan-image-removal.ts";
import { removeLeftovers } from "./remove-leftovers.ts";

export type LowDiskOptions = {
  /** Below it room is made; 0 never. */
  readonly lowPercent: number;
  /** Of the file system that holds the containers; `null` when it is not known. */
  readonly readFree: () => Promise<number | null>;
  readonly images: ContainerImages;
  readonly memory: Pick<ImageMemory, "images">;
  readonly files: UnitFiles;
  readonly manager: UnitManager;
  /** What this machine runs as etcd confirms it now; `null` when it does not: then nothing is known to be in nobody's need. */
  readonly entries: () => ReadonlyMap<UnitName, ScheduledUnit> | null;
  readonly clock: Clock;
  readonly log: Logger;
};

const LOOK_EVERY_MS = 30_000;
const TIDY_EVERY_MS = 600_000;
/** Room is made up to here above the limit, so that the next pull does not need it again. */
const SPARE_PERCENT = 5;

/** Takes away what nobody needs when the disk runs low, at most every ten minutes. What a container uses stays, whatever that costs. */
export class LowDisk {
  readonly #options: LowDiskOptions;
  #tidiedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LowDiskOptions) {
    this.#options = options;
  }

  /** Looks until the signal aborts. A runtime that fails is asked again with the next tidying. */
  async run(signal: AbortSignal): Promise<void> {
    const { lowPercent, clock, log } = this.#options;
    if (lowPercent === 0) return;
    for (;;) {
      await clock.wait(LOOK_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.look(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn(problemOf(error), "room could not be made on the disk; it is tried again in ten minutes");
      }
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    const { lowPercent, readFree, entries, clock, log } = this.#options;
    const nowMs = clock.now().getTime();
    if (nowMs - this.#tidiedAtMs < TIDY_EVERY_MS) return;
    const free = await readFree();
    const known = entries();
    if (free === null || free >= lowPercent || known === null) return;
    this.#tidiedAtMs = nowMs;
    log.warn({ freePercent: free, lowPercent }, "the disk runs low; what nobody needs is taken away");
    const leftovers = await removeLeftovers(this.#options, known, signal);
    const removed = await this.#removeImages(known, signal);
    log.info(
      { units: leftovers, images: removed, freePercent: await readFree() },
      "room was made as far as there was any",
    );
  }

  /** Returns how many. */
  async #removeImages(entries: ReadonlyMap<UnitName, ScheduledUnit>, signal: AbortSignal): Promise<number> {
    const { images, memory, files, readFree, lowPercent, log } = this.#options;
    const there = await images.list(signal);
    if (there === null) return 0;
    const written = [...files.list().values()].flatMap(({ text, dropIn }) => [text, dropIn ?? ""]);
    const scheduled = [...entries.values()].flatMap(({ entry }) => Object.values(entry.environment));
    let removed = 0;
    for (const { image, reason } of planImageRemoval(there, [...written, ...scheduled, ...memory.images])) {
      signal.throwIfAborted();
      if (((await readFree()) ?? 100) >= lowPercent + SPARE_PERCENT) break;
      try {
        await images.remove(image, signal);
        removed += 1;
        log.info(
          { image: image.id, names: image.names, reason },
          `removed the image ${image.names[0] ?? image.id}: ${reason}`,
        );
      } catch (error) {
        signal.throwIfAborted();
        // Somebody has come to need it, and says so.
        log.info({ ...problemOf(error), image: image.id }, "an image stays");
      }
    }
    return removed;
  }
}
