import { createHash } from "node:crypto";
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CodedError, unitNameSchema, type Sha256, type UnitName } from "@quarterdeck/model";
import { takenName } from "./taken-name.ts";

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

/**
 * The unit files of this cluster on this machine: real files in our directory, links to them and drop-ins where systemd looks. All of them are in memory
 * (`/run`), so they are read and written at once: each pass looks at three files a unit, and to hand that to another thread costs five times what it takes.
 */
export class UnitFiles {
  readonly directories: UnitDirectories;
  #changes = 0;

  constructor(directories: UnitDirectories = DIRECTORIES) {
    this.directories = directories;
  }

  /** Grows with each change that was made here. */
  get changes(): number {
    return this.#changes;
  }

  list(): ReadonlyMap<UnitName, WrittenUnit> {
    const found = new Map<UnitName, WrittenUnit>();
    for (const name of orNothing(() => readdirSync(this.directories.units), "ENOENT") ?? []) {
      const unit = unitNameSchema.safeParse(name);
      const text = unit.success ? readOrNull(join(this.directories.units, name)) : null;
      if (!unit.success || text === null) continue;
      const dropIn = readOrNull(this.#dropInPath(unit.data));
      found.set(unit.data, { text, hash: hashOf(text), dropIn, link: this.#linkOf(unit.data) });
    }
    return found;
  }

  /** Whether `path`, as systemd names the file that it loaded, is where we would have put the unit: the link's place or the file behind it. */
  isOurPath(path: string, unit: UnitName): boolean {
    return path === this.linkPath(unit) || path === join(this.directories.units, unit);
  }

  /** The text of a unit of ours; `null` when there is none. */
  text(unit: UnitName): string | null {
    return readOrNull(join(this.directories.units, unit));
  }

  /**
   * File first, link last: systemd never sees half a unit.
   * @throws {CodedError} ETCD_CORRUPT_VALUE when the text is not what `hash` names · CONFLICT when the link's place is taken.
   */
  write(unit: UnitName, file: { readonly text: string; readonly hash: Sha256; readonly dropIn: string | null }): void {
    if (hashOf(file.text) !== file.hash) {
      throw new CodedError("ETCD_CORRUPT_VALUE", {
        message: `the text of ${unit} does not have the sha256 ${file.hash}`,
        try: `fleet submit ${unit} --replace`,
      });
    }
    this.#changes += 1;
    replaceFile(join(this.directories.units, unit), file.text, 0o644);
    this.#writeDropIn(unit, file.dropIn);
    this.#link(unit);
  }

  /** Link first, so that nobody can start it any more. What is not there is no error. */
  remove(unit: UnitName): void {
    this.#changes += 1;
    if (this.#linkOf(unit) === "ours") rmSync(this.linkPath(unit), { force: true });
    this.#writeDropIn(unit, null);
    rmSync(join(this.directories.units, unit), { force: true });
  }

  #writeDropIn(unit: UnitName, text: string | null): void {
    if (text !== null) {
      // Its values may be secrets one day.
      replaceFile(this.#dropInPath(unit), text, 0o600);
      return;
    }
    rmSync(this.#dropInPath(unit), { force: true });
    // Only when empty: others may keep drop-ins there too.
    orNothing(() => rmdirSync(join(this.directories.links, `${unit}.d`)), "ENOENT", "ENOTEMPTY");
  }

  #link(unit: UnitName): void {
    const link = this.#linkOf(unit);
    if (link === "ours") return;
    if (link === "taken") throw new CodedError("CONFLICT", takenName(unit, this.linkPath(unit)));
    mkdirSync(this.directories.links, { recursive: true });
    const aside = join(this.directories.links, `.${unit}.${process.pid}`);
    rmSync(aside, { force: true });
    symlinkSync(join(this.directories.units, unit), aside);
    renameSync(aside, this.linkPath(unit));
  }

  #linkOf(unit: UnitName): WrittenUnit["link"] {
    try {
      return readlinkSync(this.linkPath(unit)) === join(this.directories.units, unit) ? "ours" : "taken";
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return "missing";
      if (code === "EINVAL") return "taken";
      throw error;
    }
  }

  /** Where systemd finds the unit. */
  linkPath(unit: UnitName): string {
    return join(this.directories.links, unit);
  }

  #dropInPath(unit: UnitName): string {
    return join(this.directories.links, `${unit}.d`, DROP_IN);
  }
}

export function hashOf(text: string): Sha256 {
  return createHash("sha256").update(text).digest("hex") as Sha256;
}

/** The file is either the old or the new one, whatever happens meanwhile. */
function replaceFile(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeFileSync(aside, text, { mode });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

function readOrNull(path: string): string | null {
  return orNothing(() => readFileSync(path, "utf8"), "ENOENT");
}

/** `null` for errors that mean "nothing there". */
function orNothing<T>(read: () => T, ...codes: readonly string[]): T | null {
  try {
    return read();
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
