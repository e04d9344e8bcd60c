import { readFile } from "node:fs/promises";
import { unitNameSchema, type UnitName } from "@quarterdeck/model";
import { z } from "zod";
import { appliedUnitSchema, type AppliedUnit, type AppliedUnits } from "./applied-unit.ts";
import { writeAtomically } from "./write-atomically.ts";

const fileSchema = z.object({ v: z.literal(1), units: z.record(z.string(), appliedUnitSchema) });

/** `applied.json`. Each change is in it before {@link AppliedStore.save} resolves; calls that come while one writes share the next write. */
export class AppliedStore {
  readonly #path: string;
  readonly #units: Map<UnitName, AppliedUnit>;
  #saving: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  /** What is queued is to survive a power cut, too. */
  #durable = false;

  private constructor(path: string, units: Map<UnitName, AppliedUnit>) {
    this.#path = path;
    this.#units = units;
  }

  /**
   * A missing file is an empty record. So is an unreadable one, said by `onUnreadable`: what runs is then adopted by comparing the
   * files on disk, which restarts nothing that is as it should be.
   */
  static async open(path: string, onUnreadable: (error: unknown) => void): Promise<AppliedStore> {
    const units = new Map<UnitName, AppliedUnit>();
    try {
      const file = fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
      for (const [name, record] of Object.entries(file.units)) units.set(unitNameSchema.parse(name), record);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") onUnreadable(error);
    }
    return new AppliedStore(path, units);
  }

  get units(): AppliedUnits {
    return this.#units;
  }

  set(unit: UnitName, record: AppliedUnit): void {
    this.#units.set(unit, record);
  }

  delete(unit: UnitName): void {
    this.#units.delete(unit);
  }

  /** `durable`: survives a power cut, too. What is of no use in another boot need not, and then nothing has to wait for the disk. */
  save({ durable = true }: { readonly durable?: boolean } = {}): Promise<void> {
    this.#durable ||= durable;
    this.#queued ??= this.#saving
      .catch(() => undefined)
      .then(() => {
        this.#queued = null;
        const options = { mode: 0o600, durable: this.#durable };
        this.#durable = false;
        this.#saving = writeAtomically(
          this.#path,
          JSON.stringify({ v: 1, units: Object.fromEntries(this.#units) }),
          options,
        );
        return this.#saving;
      });
    return this.#queued;
  }
}
