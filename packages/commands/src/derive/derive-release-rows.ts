import type { ServiceName, Sha256, Timestamp } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { runningRelease } from "./running-release.ts";

/** A row of `releases`, and its JSON. */
export type ReleaseRow = {
  readonly service: ServiceName;
  readonly release: number;
  readonly version: string;
  readonly image: string;
  readonly hash: Sha256;
  readonly by: string;
  readonly at: Timestamp;
  /** `--reason` of the deploy; `null` when none was given. */
  readonly why: string | null;
  /** Whether it is what most replicas run. */
  readonly current: boolean;
};

/** Newest first. */
export function deriveReleaseRows(facts: Facts, service: ServiceName): readonly ReleaseRow[] {
  const current = runningRelease(facts, service)?.release.number;
  return (facts.releases.get(service) ?? [])
    .map((release): ReleaseRow => ({
      service,
      release: release.number,
      version: release.version,
      image: release.image,
      hash: release.hash,
      by: release.by,
      at: release.at,
      why: release.why === "" ? null : release.why,
      current: release.number === current,
    }))
    .toReversed();
}
