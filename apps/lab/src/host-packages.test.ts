import { expect, test } from "vitest";
import { parseInstalled } from "./host-packages.ts";

test("only packages whose status is installed count as installed", () => {
  const text = "nftables installed\nmmdebstrap config-files\niproute2 not-installed\nsystemd-container installed\n";
  expect([...parseInstalled(text)]).toEqual(["nftables", "systemd-container"]);
});
