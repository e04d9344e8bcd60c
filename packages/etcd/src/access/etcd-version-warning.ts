/** The first release of each line that holds users to their keys; later lines do from their start. */
const FIRST_GOOD: Readonly<Record<string, number>> = { "3.5": 33, "3.6": 14, "3.7": 1 };

/**
 * What is wrong with access control in this version of etcd, in one line for people; null when nothing is known to be. Before these releases any
 * user gets past its role: by a transaction within a transaction (GHSA-rfx7-8w68-q57q), by attaching to others' leases (GHSA-x35m-3gp4-4fh5),
 * by lease and alarm calls that nobody checks (GHSA-q8m4-xhhv-38mg), by a watch without an end (GHSA-xg4h-6gfc-h4m8).
 */
export function etcdVersionWarning(version: string): string | null {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined || patch === undefined)
    return `etcd's version ${JSON.stringify(version)} is unknown here; ${WHAT_TO_DO}`;
  const first = FIRST_GOOD[`${major}.${minor}`];
  const isGood = first === undefined ? isLater(Number(major), Number(minor)) : Number(patch) >= first;
  if (isGood) return null;
  return `etcd ${version} does not hold users to their keys: any certificate can read and write everything (GHSA-rfx7-8w68-q57q and others); ${WHAT_TO_DO}`;
}

const WHAT_TO_DO = "run etcd 3.5.33, 3.6.14, 3.7.1 or later";

function isLater(major: number, minor: number): boolean {
  return major > 3 || (major === 3 && minor > 7);
}
