import { CodedError } from "@quarterdeck/model";

/** etcd takes 9,000,000,000; a lease of more than a year is a mistake of units. */
const LONGEST_SECONDS = 366 * 86_400;

/** @throws {CodedError} INVALID_CONFIG for what is not a whole number of seconds */
export function checkTtl(ttlSeconds: number): void {
  if (Number.isInteger(ttlSeconds) && ttlSeconds >= 1 && ttlSeconds <= LONGEST_SECONDS) return;
  throw new CodedError("INVALID_CONFIG", {
    message: `a lease cannot live for ${ttlSeconds} s: it takes a whole number from 1 to ${LONGEST_SECONDS}`,
  });
}
