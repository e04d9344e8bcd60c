import { expect, test } from "vitest";
import { parseMountsBelow } from "./disk.ts";

test("mounts below a folder come last first, and the folder's namesakes are left alone", () => {
  const mounts = [
    "/dev/vda / ext4 rw 0 0",
    "/dev/loop0 /h/machines/m1/disk ext4 rw 0 0",
    "overlay /h/machines/m1/root overlay rw 0 0",
    "overlay /h/machines-of-others/m1/root overlay rw 0 0",
    "overlay /h/machines/with\\040blank overlay rw 0 0",
  ].join("\n");
  expect(parseMountsBelow(mounts, "/h/machines")).toEqual(["/h/machines/with blank", "/h/machines/m1/root", "/h/machines/m1/disk"]);
});
