import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, readlink, rename, rm, rmdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, unitNameSchema, type Sha256, type UnitName } from "@quarterdeck/model";
import { takenName } from "./taken-name.ts";
import { writeAtomically } from "./write-atomically.ts";

/** A unit of ours as it is on disk. */
export type WrittenUnit = {
  readonly text: string;
  readonly hash: Sha256;
  /** The drop-in's text; `null` when there is none. */
  readonly dropIn: string | null;
  /** Whether systemd finds it: our link is there, nothing is there, or something that is not ours. */
  readonly link: "ours" | "missing" | "taken";
};

export type UnitDirectories = {
  /** Ours alone: what is in it is a unit of this cluster. */
  readonly units: string;
  /** Where systemd looks for units that do not outlive a boot. */
  readonly links: string;
};

export const DIRECTORIES: UnitDirectories = { units: "/run/quarterdeck/units", links: "/run/systemd/system" };

const DROP_IN = "10-quarterdeck.conf";

/** The unit files of this cluster on this machine: real files in our directory, links to them and drop-ins where systemd looks. */
export class UnitFiles {
  readonly directories: UnitDirectories;

  constructor(directories: UnitDirectories = DIRECTORIES) {
    this.directories = directories;
  }

  async list(): Promise<ReadonlyMap<UnitName, WrittenUnit>> {
    const read = async (name: string): Promise<readonly [UnitName, WrittenUnit] | null> => {
      const unit = unitNameSchema.safeParse(name);
      if (!unit.success) return null;
      const [text, dropIn, link] = await Promise.all([
        readOrNull(join(this.directories.units, name)),
        readOrNull(this.#dropInPath(unit.data)),
        this.#linkOf(unit.data),
      ]);
      return text === null ? null : [unit.data, { text, hash: hashOf(text), dropIn, link }];
    };
    // All at once: every pass asks, and one after the other a hundred units take as long as starting them.
    const found = new Map((await Promise.all((await this.#names()).map(read))).filter((one) => one !== null));
    return found;
  }

  /** Whether `path`, as systemd names the file that it loaded, is where we would have put the unit: the link's place or the file behind it. */
  isOurPath(path: string, unit: UnitName): boolean {
    return path === this.#linkPath(unit) || path === join(this.directories.units, unit);
  }

  /** The text of a unit of ours; `null` when there is none. */
  text(unit: UnitName): Promise<string | null> {
    return readOrNull(join(this.directories.units, unit));
  }

  /**
   * File first, link last: systemd never sees half a unit.
   * @throws {CodedError} ETCD_CORRUPT_VALUE when the text is not what `hash` names · CONFLICT when the link's place is taken.
   */
  async write(
    unit: UnitName,
    file: { readonly text: string; readonly hash: Sha256; readonly dropIn: string | null },
  ): Promise<void> {
    if (hashOf(file.text) !== file.hash) {
      throw new CodedError("ETCD_CORRUPT_VALUE", {
        message: `the text of ${unit} does not have the sha256 ${file.hash}`,
        try: `fleet submit ${unit} --replace`,
      });
    }
    await writeAtomically(join(this.directories.units, unit), file.text, { mode: 0o644, durable: false });
    await this.#writeDropIn(unit, file.dropIn);
    await this.#link(unit);
  }

  /** Link first, so that nobody can start it any more. What is not there is no error. */
  async remove(unit: UnitName): Promise<void> {
    if ((await this.#linkOf(unit)) === "ours") await rm(this.#linkPath(unit), { force: true });
    await this.#writeDropIn(unit, null);
    await rm(join(this.directories.units, unit), { force: true });
  }

  async #writeDropIn(unit: UnitName, text: string | null): Promise<void> {
    if (text !== null) {
      // Its values may be secrets one day.
      await writeAtomically(this.#dropInPath(unit), text, { mode: 0o600, durable: false });
      return;
    }
    await rm(this.#dropInPath(unit), { force: true });
    // Only when empty: others may keep drop-ins there too.
    await rmdir(join(this.directories.links, `${unit}.d`)).catch(ignoring("ENOENT", "ENOTEMPTY"));
  }

  async #link(unit: UnitName): Promise<void> {
    const link = await this.#linkOf(unit);
    if (link === "ours") return;
    if (link === "taken") throw new CodedError("CONFLICT", takenName(unit, this.#linkPath(unit)));
    await mkdir(this.directories.links, { recursive: true });
    const aside = join(this.directories.links, `.${unit}.${process.pid}`);
    await rm(aside, { force: true });
    await symlink(join(this.directories.units, unit), aside);
    await rename(aside, this.#linkPath(unit));
  }

  async #linkOf(unit: UnitName): Promise<WrittenUnit["link"]> {
    try {
      return (await readlink(this.#linkPath(unit))) === join(this.directories.units, unit) ? "ours" : "taken";
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return "missing";
      if (code === "EINVAL") return "taken";
      throw error;
    }
  }

  async #names(): Promise<readonly string[]> {
    return (await readdir(this.directories.units).catch(ignoring("ENOENT"))) ?? [];
  }

  #linkPath(unit: UnitName): string {
    return join(this.directories.links, unit);
  }

  #dropInPath(unit: UnitName): string {
    return join(this.directories.links, `${unit}.d`, DROP_IN);
  }
}

export function hashOf(text: string): Sha256 {
  return createHash("sha256").update(text).digest("hex") as Sha256;
}

async function readOrNull(path: string): Promise<string | null> {
  return (await readFile(path, "utf8").catch(ignoring("ENOENT"))) ?? null;
}

/** For errors that mean "nothing there". */
function ignoring(...codes: readonly string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
}
