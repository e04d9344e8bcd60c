import type { ShippedLibrary } from "./copy-libraries.ts";
import type { Architecture } from "./make-executable.ts";

/** Debian's packages by library, without what marks a package for another architecture. */
const PACKAGES: Readonly<Record<ShippedLibrary, string>> = {
  "libatomic.so.1": "libatomic1",
  "libstdc++.so.6": "libstdc++6",
  "libgcc_s.so.1": "libgcc-s1",
};

const DEBIAN: Readonly<Record<Architecture, string>> = { x64: "amd64", arm64: "arm64" };

/** What to say of a binary whose `lib/` is not whole: what it is good for as it is, and what makes it whole. */
export function describeMissing(arch: Architecture, missing: readonly ShippedLibrary[]): string {
  const suffix = arch === process.arch ? "" : `-${DEBIAN[arch]}-cross`;
  const packages = missing.map((name) => `${PACKAGES[name]}${suffix}`);
  return `warning: linux-${arch} is incomplete: this computer has no ${missing.join(", ")} to put into its lib/
why: the binary itself is whole, and runs on machines that have these libraries; on others it does not start
try: apt-get install ${packages.join(" ")}, then npm run build
`;
}
