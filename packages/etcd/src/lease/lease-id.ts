import { CodedError } from "@quarterdeck/model";

export function isLeaseId(hex: string): boolean {
  return /^[0-9a-f]{1,16}$/.test(hex);
}

/** etcd's number as people and election keys write it. */
export function toHexLease(decimal: string): string {
  return BigInt(decimal).toString(16);
}

/** @throws {CodedError} ETCD_LEASE_LOST for what cannot be a lease id, and so is no lease */
export function toDecimalLease(hex: string): string {
  if (!isLeaseId(hex)) throw new CodedError("ETCD_LEASE_LOST", { message: `${JSON.stringify(hex)} is not a lease id` });
  return BigInt(`0x${hex}`).toString();
}
