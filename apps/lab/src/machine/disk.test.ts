import { expect, test } from "vitest";
import { parseMountPoints } from "./disk.ts";

test("mount points are read with their escaped characters", () => {
  const table =
    "/dev/vda / ext4 rw 0 0\n/dev/loop0 /h/machines/m1/disk ext4 rw 0 0\noverlay /h/with\\040blank overlay rw 0 0\n";
  expect(parseMountPoints(table)).toEqual(["/", "/h/machines/m1/disk", "/h/with blank", ""]);
});
