import { describe, expect, test } from "vitest";
import { decodeIgnition } from "./decode-ignition.ts";
import { renderIgnition } from "./render-ignition.ts";
import type { IgnitionConfig } from "./spec.ts";

const base = { ignition: { version: "3.3.0" } };

function diagnose(parts: Readonly<Record<string, unknown>>): readonly string[] {
  const decoded = decodeIgnition({ ...base, ...parts });
  return decoded.ok ? [] : decoded.error.map(({ path, message }) => `${path}: ${message}`);
}

const files = (...entries: readonly unknown[]) => ({ storage: { files: entries } });
const units = (...entries: readonly unknown[]) => ({ systemd: { units: entries } });

describe("decodeIgnition", () => {
  test("takes the smallest config and a stub that names the real one", () => {
    expect(diagnose({})).toEqual([]);
    const replace = { source: "s3://bucket/key", verification: { hash: `sha512-${"0".repeat(128)}` } };
    expect(diagnose({ ignition: { version: "3.3.0", config: { replace } } })).toEqual([]);
  });

  test.each([
    ["another version", { ignition: { version: "3.4.0" } }, 'ignition.version: Invalid input: expected "3.3.0"'],
    ["an unknown key", { storage: { file: [] } }, 'storage: Unrecognized key: "file"'],
    [
      "a relative path",
      files({ path: "etc/x" }),
      "storage.files.0.path: must be absolute, without // and without a slash at its end",
    ],
    [
      "a path with //",
      files({ path: "/etc//x" }),
      "storage.files.0.path: must be absolute, without // and without a slash at its end",
    ],
    ["a path with ..", files({ path: "/etc/../x" }), "storage.files.0.path: must not contain . or .."],
    [
      "a special mode bit",
      files({ path: "/x", mode: 0o4755 }),
      "storage.files.0.mode: Too big: expected number to be <=511",
    ],
    [
      "a source of another scheme",
      files({ path: "/x", contents: { source: "file:///x" } }),
      "storage.files.0.contents.source: must be a data:, s3:, http: or https: URL",
    ],
    [
      "a broken data URL",
      files({ path: "/x", contents: { source: "data:,%f" } }),
      "storage.files.0.contents.source: must be a data:, s3:, http: or https: URL",
    ],
    [
      "a path twice",
      files({ path: "/x" }, { path: "/x" }),
      "storage.files.1.path: /x is already at storage.files.0.path",
    ],
    [
      "a file below a file",
      files({ path: "/x" }, { path: "/x/y/z" }),
      "storage.files.1.path: /x/y/z lies below /x, which is not a directory",
    ],
    ["no unit name", units({ name: "a b.service" }), "systemd.units.0.name: must be a unit name"],
    [
      "a unit twice",
      units({ name: "a.service" }, { name: "a.service" }),
      "systemd.units.1.name: a.service is already at systemd.units.0.name",
    ],
    [
      "a drop-in twice",
      units({ name: "a.service", dropins: [{ name: "1.conf" }, { name: "1.conf" }] }),
      "systemd.units.0.dropins.1.name: 1.conf is already at systemd.units.0.dropins.0.name",
    ],
    [
      "a user twice",
      { passwd: { users: [{ name: "core" }, { name: "core" }] } },
      "passwd.users.1.name: core is already at passwd.users.0.name",
    ],
  ])("says where %s is", (_what, parts, diagnostic) => {
    expect(diagnose(parts)).toEqual([diagnostic]);
  });

  test("sees that a file and a link claim one path", () => {
    const storage = { files: [{ path: "/x" }], links: [{ path: "/x", target: "/y" }] };
    expect(diagnose({ storage })).toEqual(["storage.links.0.path: /x is already at storage.files.0.path"]);
  });

  test("tells all faults, not the first one only", () => {
    expect(diagnose(files({ path: "x" }, { path: "/y", mode: -1 }))).toHaveLength(2);
  });
});

describe("renderIgnition", () => {
  test("gives equal bytes for equal configs, however their keys are ordered", () => {
    const one = { ignition: { version: "3.3.0" }, storage: { files: [{ path: "/x", mode: 1 }] } } as const;
    const other = { storage: { files: [{ mode: 1, path: "/x" }] }, ignition: { version: "3.3.0" } } as const;
    expect(renderIgnition(one)).toBe(renderIgnition(other));
    expect(JSON.parse(renderIgnition(one))).toEqual(one);
  });

  test("refuses what a machine would refuse", () => {
    const config: IgnitionConfig = {
      ignition: { version: "3.3.0" },
      storage: { files: [{ path: "x" }, { path: "y" }] },
    };
    expect(() => renderIgnition(config)).toThrow(
      expect.objectContaining({
        code: "INVALID_CONFIG",
        problem: expect.objectContaining({ why: expect.stringContaining("storage.files.1.path") }),
      }),
    );
  });
});
