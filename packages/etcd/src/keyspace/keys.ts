import {
  auditExportSchema,
  auditSealSchema,
  brakeSchema,
  epochSchema,
  policySchema,
  type MachineId,
  type Principal,
  type ServiceName,
} from "@quarterdeck/model";
import type { z } from "zod";
import { families } from "./families.ts";
import type { Key } from "./key.ts";
import { checkSegment } from "./segment.ts";

const single = <Value>(path: string, schema: z.ZodType<Value>): Key<Value> => ({ path, schema });

/**
 * Every key of blueprint §3. A name that would leave its segment is refused, whatever its type says.
 * @throws {CodedError} ETCD_INVALID_KEY
 */
export const keys = {
  request: families.request.key,
  presence: families.presence.key,
  state: families.state.key,
  machine: families.machine.key,
  unitFile: families.unitFile.key,
  unit: families.unit.key,
  status: families.status.key,
  schedule: families.schedule.key,
  service: families.service.key,
  release: families.release.key,
  rollout: families.rollout.key,
  relocation: families.relocation.key,
  approval: families.approval.key,
  /** Who stole it from whom; who holds it and who waits are its {@link families.lockClaim}s. */
  lock: families.lock.key,
  lockClaim: families.lockClaim.key,
  freeze: families.freeze.key,
  policy: () => single("policy", policySchema),
  brake: () => single("brake", brakeSchema),
  epoch: () => single("epoch", epochSchema),
  audit: families.audit.key,
  /** Two segments, so that no range of entries holds them. */
  auditHead: () => single("audit/chain/head", auditSealSchema),
  auditAnchor: () => single("audit/chain/anchor", auditSealSchema),
  /** Outside of `audit/`, where everything belongs to the chain. */
  auditExport: () => single("audit-export", auditExportSchema),
  rebootGroup: families.rebootGroup.key,
  /** The election key below it is `engine/leader/<lease id in hex>`, as etcd's own concurrency recipe names it. */
  leader: families.leader.key,
  /** The bot's own, which no other reads: the schema is the bot's. */
  bot: <Value>(kind: "messages" | "owners" | "deliveries" | "cursors", name: string, schema: z.ZodType<Value>) =>
    single(`bot/${kind}/${checkSegment(name)}`, schema),
} as const;

/** The ranges that are listed, mirrored or followed. */
export const ranges = {
  requests: families.request.all,
  requestsOf: (principal: Principal) => families.request.below(principal),
  presences: families.presence.all,
  states: families.state.all,
  statesOf: (machine: MachineId) => families.state.below(machine),
  machines: families.machine.all,
  unitFiles: families.unitFile.all,
  units: families.unit.all,
  statuses: families.status.all,
  schedules: families.schedule.all,
  scheduleOf: (machine: MachineId) => families.schedule.below(machine),
  services: families.service.all,
  releases: families.release.all,
  releasesOf: (service: ServiceName) => families.release.below(service),
  rollouts: families.rollout.all,
  relocations: families.relocation.all,
  approvals: families.approval.all,
  locks: families.lock.all,
  lockClaims: families.lockClaim.all,
  freezes: families.freeze.all,
  audit: families.audit.all,
  rebootGroups: families.rebootGroup.all,
  leaders: families.leader.all,
} as const;
