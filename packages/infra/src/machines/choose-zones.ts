import { refuse, succeed, type Result } from "@quarterdeck/model";
import { findConflict } from "../config/find-conflict.ts";
import type { InfraConfig } from "../config/schema.ts";

/**
 * The zones to use: those that are configured, which must offer the instance type, or the first three that do, by name.
 * Refused where one does not offer it, or where they are too few for the members.
 */
export function chooseZones(config: InfraConfig, offering: readonly string[]): Result<readonly string[]> {
  const { zones, instanceType } = config;
  const lacking = zones.find((zone) => !offering.includes(zone));
  if (lacking !== undefined) {
    return refuse({
      code: "INVALID_CONFIG",
      message: `zones: ${lacking} does not offer ${instanceType}`,
      why: offering.length === 0 ? "no zone of the region does" : `these do: ${offering.toSorted().join(", ")}`,
      try: "pulumi config set instanceType t3.medium, or name other zones",
    });
  }
  const chosen = zones.length > 0 ? zones : offering.toSorted().slice(0, 3);
  if (chosen.length === 0) {
    return refuse({
      code: "INVALID_CONFIG",
      message: `instanceType: no zone of the region offers ${instanceType}`,
      try: "pulumi config set instanceType t3.small, or another region: pulumi config set aws:region us-east-1",
    });
  }
  const conflict = findConflict({ ...config, zones: chosen });
  return conflict === null ? succeed(chosen) : refuse(conflict);
}
