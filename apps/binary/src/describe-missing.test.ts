import { expect, test } from "vitest";
import { describeMissing } from "./describe-missing.ts";
import { ARCHITECTURES } from "./make-executable.ts";

const other = ARCHITECTURES.find((arch) => arch !== process.arch) ?? "arm64";
const debian = { x64: "amd64", arm64: "arm64" }[other];

test("libraries of another architecture are said to come from Debian's cross packages", () => {
  const said = describeMissing(other, ["libatomic.so.1", "libstdc++.so.6", "libgcc_s.so.1"]);
  expect(said).toContain(
    `try: apt-get install libatomic1-${debian}-cross libstdc++6-${debian}-cross libgcc-s1-${debian}-cross, then npm run build\n`,
  );
  expect(said).toContain("runs on machines that have these libraries");
});

test.skipIf(process.arch !== "x64" && process.arch !== "arm64")(
  "a library of this computer's own is in the plain package",
  () => {
    expect(describeMissing(process.arch === "x64" ? "x64" : "arm64", ["libatomic.so.1"])).toContain(
      "apt-get install libatomic1, ",
    );
  },
);
