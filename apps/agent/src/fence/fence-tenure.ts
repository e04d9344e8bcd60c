import type { UnitName } from "@quarterdeck/model";

/** The schedule of this machine as etcd had it after the machine's presence was written on the lease. */
export type ConfirmedSchedule = { readonly revision: bigint; readonly entries: ReadonlyMap<UnitName, bigint> };

/**
 * Whether an entry is known to be in force: it was there when etcd was asked after presence had been written, or is newer than that. From then on, for as
 * long as presence is there, nobody else is given the unit before this machine has said that it is stopped. An entry that was read before may be
 * of the time before this machine was lost.
 */
export function isConfirmed({ revision, entries }: ConfirmedSchedule, unit: UnitName, entryRevision: string): boolean {
  // The copy on disk is only as good as what etcd says, and its revisions are etcd's too.
  const mod = BigInt(entryRevision);
  return mod > revision || entries.get(unit) === mod;
}
