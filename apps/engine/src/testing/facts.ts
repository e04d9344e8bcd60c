import type {
  Actor,
  MachineId,
  Policy,
  Presence,
  Principal,
  Request,
  RequestAction,
  RequestId,
  ScheduleEntry,
  Service,
  ServiceName,
  Sha256,
  Timestamp,
  Unit,
  UnitName,
  UnitState,
} from "@quarterdeck/model";
import { hashText } from "../hash-text.ts";

export const NOW = Date.parse("2026-11-24T00:00:00.000Z");
const AT = "2026-11-24T00:00:00.000Z" as Timestamp;

export const M1 = "1".repeat(32) as MachineId;
export const M2 = "2".repeat(32) as MachineId;
export const M3 = "3".repeat(32) as MachineId;

export const OPERATOR = "operator:anna" as Principal;
export const BOT = "bot" as Principal;

export const HELLO_TEXT = "[Service]\nExecStart=/bin/sleep 1000\n";
export const OTHER_TEXT = "[Service]\nExecStart=/bin/sleep 2000\n";
export const WORKER_TEXT = "[Service]\nExecStart=/bin/sleep %i\n";
export const WEB_TEXT = `[Service]
ExecStart=/usr/bin/docker run --name web-%i \${IMAGE}

[X-Fleet]
Conflicts=web@*.service

[X-Deploy]
Image=registry.lab:5000/web
Replicas=3
HealthCheck=http://127.0.0.1:8080/
MinHealthySec=2s
HealthyDeadlineSec=20s
`;

export const name = (text: string): UnitName => text as UnitName;
export const web = "web" as ServiceName;

export const everything: Policy = {
  v: 1,
  rules: [{ subjects: ["operator:*", "group:developers", "bot"], verbs: ["*"] }],
};

export function unitFacts(changes: Partial<Unit> & { readonly hash?: Sha256 } = {}): Unit {
  return {
    v: 1,
    hash: hashText(HELLO_TEXT),
    target: "inactive",
    generation: 1,
    origin: { kind: "submitted" },
    environment: {},
    submittedAt: AT,
    ...changes,
  };
}

export function serviceFacts(changes: Partial<Service> = {}): Service {
  return {
    v: 1,
    service: web,
    template: name("web@.service"),
    hash: hashText(WEB_TEXT),
    release: null,
    rollout: null,
    deploy: {
      image: "registry.lab:5000/web",
      replicas: 3,
      healthCheck: "http://127.0.0.1:8080/",
      maxParallel: 1,
      canary: 0,
      minHealthySeconds: 2,
      healthyDeadlineSeconds: 20,
      progressDeadlineSeconds: 600,
      autoRevert: false,
    },
    ...changes,
  };
}

export function entryFacts(changes: Partial<ScheduleEntry> = {}): ScheduleEntry {
  return {
    v: 1,
    incarnation: "2" as ScheduleEntry["incarnation"],
    generation: 1,
    hash: hashText(HELLO_TEXT),
    environment: {},
    release: null,
    target: { kind: "launched" },
    reason: { code: "LEAST_LOADED", text: "the test put it there" },
    ...changes,
  };
}

export function stateFacts(changes: Partial<UnitState> = {}): UnitState {
  return {
    v: 1,
    incarnation: "2" as NonNullable<UnitState["incarnation"]>,
    generation: 1,
    release: null,
    hash: hashText(HELLO_TEXT),
    load: "loaded",
    active: "active",
    sub: "running",
    result: "success",
    health: "none",
    healthDetail: "",
    restarts: 0,
    since: AT,
    bootId: "boot-1",
    invocationId: "a1",
    entryRevision: null,
    problem: null,
    ...changes,
  };
}

export function presenceFacts(machine: MachineId, changes: Partial<Presence> = {}): Presence {
  return {
    v: 1,
    machine,
    hostname: `m${machine[0] ?? ""}`,
    address: `10.0.0.${machine[0] ?? ""}`,
    agentPort: 7443,
    zone: "local",
    os: "test",
    versions: {},
    capacity: { cpus: 2, memoryMiB: 1024 },
    metadata: { role: "worker" },
    bootId: "boot-1",
    instanceId: "i-1",
    startedAt: AT,
    ...changes,
  };
}

export function requestFacts(action: RequestAction, changes: Partial<Request> = {}): Request {
  return {
    v: 1,
    id: "request-0001" as RequestId,
    actor: actorFacts(OPERATOR),
    action,
    why: "",
    submittedAt: AT,
    outcome: null,
    ...changes,
  };
}

export function actorFacts(principal: Principal, slack: Actor["slack"] = null): Actor {
  return { principal, slack };
}
