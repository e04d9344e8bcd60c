import { expect, test } from "vitest";
import { wantersIn } from "./wanters-in.ts";

test("who wants the unit is read from the links that were made", () => {
  const made = (kind: string, path: string) => [kind, path, "/run/quarterdeck/units/side@1.service"];
  expect(
    wantersIn([
      true,
      [
        made("symlink", "/run/systemd/system/web@1.service.wants/side@1.service"),
        made("symlink", "/run/systemd/system/db.service.requires/side@1.service"),
        made("symlink", "/run/systemd/system/alias.service"),
        made("unlink", "/run/systemd/system/old.service.wants/side@1.service"),
      ],
    ]),
  ).toEqual(["web@1.service", "db.service"]);
});

test("a file without [Install] has nobody", () => {
  expect(wantersIn([false, []])).toEqual([]);
});
