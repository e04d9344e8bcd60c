import {
  approvalSchema,
  approverSchema,
  auditEntrySchema,
  freezeNameSchema,
  freezeSchema,
  leaderSchema,
  lockClaimSchema,
  lockRecordSchema,
  machineIdSchema,
  machineSchema,
  presenceSchema,
  principalSchema,
  rebootGroupNameSchema,
  rebootGroupSchema,
  releaseSchema,
  relocationIdSchema,
  relocationSchema,
  requestIdSchema,
  requestSchema,
  rolloutIdSchema,
  rolloutSchema,
  scheduleEntrySchema,
  serviceNameSchema,
  serviceSchema,
  sha256Schema,
  unitFileSchema,
  unitNameSchema,
  unitSchema,
  unitStateSchema,
  unitStatusSchema,
} from "@quarterdeck/model";
import { z } from "zod";
import { family, familyOfTwo } from "./family.ts";
import { nameSegment, numberSegment } from "./segment.ts";

const machine = nameSegment("machine", machineIdSchema);
const unit = nameSegment("unit", unitNameSchema);
const service = nameSegment("service", serviceNameSchema);
const rollout = nameSegment("rollout", rolloutIdSchema);
const scope = nameSegment("scope", z.string());
/** In hexadecimal without padding, as etcd's own concurrency recipe names it. */
const lease = nameSegment("lease", z.string().regex(/^[0-9a-f]{1,16}$/));

/** Every shape of key with open segments (blueprint §3): its keys are built here, and taken apart here. */
export const families = {
  request: familyOfTwo("requests/*/*", requestSchema, [
    nameSegment("principal", principalSchema),
    nameSegment("request", requestIdSchema),
  ]),
  presence: family("agents/*/presence", presenceSchema, machine),
  state: familyOfTwo("agents/*/states/*", unitStateSchema, [machine, unit]),
  machine: family("machines/*", machineSchema, machine),
  unitFile: family("unit-files/*", unitFileSchema, nameSegment("hash", sha256Schema)),
  unit: family("units/*", unitSchema, unit),
  status: family("status/*", unitStatusSchema, unit),
  schedule: familyOfTwo("schedule/*/*", scheduleEntrySchema, [machine, unit]),
  service: family("services/*", serviceSchema, service),
  release: familyOfTwo("releases/*/*", releaseSchema, [service, numberSegment("release", 9)]),
  rollout: family("rollouts/*", rolloutSchema, rollout),
  relocation: family("relocations/*", relocationSchema, nameSegment("relocation", relocationIdSchema)),
  approval: familyOfTwo("approvals/*/*", approvalSchema, [rollout, nameSegment("approver", approverSchema)]),
  lock: family("locks/*", lockRecordSchema, scope),
  lockClaim: familyOfTwo("locks/*/*", lockClaimSchema, [scope, lease]),
  freeze: family("freezes/*", freezeSchema, nameSegment("freeze", freezeNameSchema)),
  audit: family("audit/*", auditEntrySchema, numberSegment("sequence", 12)),
  rebootGroup: family("reboots/*", rebootGroupSchema, nameSegment("group", rebootGroupNameSchema)),
  leader: family("engine/leader/*", leaderSchema, lease),
} as const;
