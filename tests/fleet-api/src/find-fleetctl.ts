import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The original fleetctl 1.0, which `npm test` builds from its Go module; `null` when it is not in Quarterdeck's cache. */
export function findFleetctl(): string | null {
  const home = process.env["QUARTERDECK_HOME"] ?? join(homedir(), ".local/share/quarterdeck");
  const path = join(home, "cache/fleetctl/fleetctl");
  return existsSync(path) ? path : null;
}

/** What a skipped test says. */
export const FLEETCTL_MISSING =
  "needs fleetctl 1.0 in $QUARTERDECK_HOME/cache/fleetctl: npm test builds it where there is Go 1.25 or newer (https://go.dev/dl)";
