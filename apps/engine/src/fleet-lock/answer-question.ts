import { randomBytes } from "node:crypto";
import { followRequest, keys, submitRequest, type EtcdClient } from "@quarterdeck/etcd";
import {
  CodedError,
  reason,
  type MachineId,
  type Principal,
  type Problem,
  type RebootGroup,
  type RebootHolder,
  type RebootWaiter,
  type Request,
  type RequestId,
} from "@quarterdeck/model";
import { formatTimestamp } from "../format-timestamp.ts";
import type { Clock } from "../ports.ts";
import type { FindMachine } from "./find-machine.ts";
import { GRANTED, notYet, refusal, type FleetLockAnswer } from "./fleet-lock-answer.ts";
import type { FleetLockQuestion } from "./parse-question.ts";

export type FleetLockParts = {
  readonly etcd: EtcdClient;
  readonly findMachine: FindMachine;
  readonly clock: Clock;
};

/**
 * How long a question is held while it may still be answered with yes, in milliseconds: a client that is told no comes back after minutes. Short of
 * what any HTTP client would wait.
 */
export const HELD_MS = 10_000;

/**
 * Answers one question of a machine. Whichever engine is asked, it writes nothing but a request in the machine's name, and that only where
 * something is to change; the leader decides, and the answer is what etcd holds then. `peer` is the name in the client's certificate, null where
 * it sent none.
 * @throws {CodedError} when etcd cannot be reached
 */
export async function answerQuestion(
  parts: FleetLockParts,
  { question, peer }: { readonly question: FleetLockQuestion; readonly peer: string | null },
  signal: AbortSignal,
): Promise<FleetLockAnswer> {
  const machine = parts.findMachine(question.id);
  if (machine === null) return refusal(403, "unknown_machine", "no machine of that id ever joined");
  if (peer !== null && peer !== `machine:${machine}`)
    return refusal(403, "identity_mismatch", "a machine asks for itself alone");
  const holding = new AbortController();
  const ending = AbortSignal.any([signal, holding.signal]);
  const timer = parts.clock.wait(HELD_MS, ending).then(() => holding.abort());
  try {
    return await (question.step === "ask" ? askFor : endFor)(parts, { machine, group: question.group }, ending);
  } catch (error) {
    if (signal.aborted || !holding.signal.aborted) throw error;
    return answerNow(parts, { question, machine }, signal);
  } finally {
    holding.abort();
    await timer;
  }
}

type Place = { readonly machine: MachineId; readonly group: string };

async function askFor(parts: FleetLockParts, place: Place, signal: AbortSignal): Promise<FleetLockAnswer> {
  const before = findAsker(await readGroup(parts, place.group, signal), place.machine);
  if (before === null || isSteady(before)) {
    const problem = await request(parts, { ...place, step: "ask" }, signal);
    if (problem !== null) return refusal(409, problem.code.toLowerCase(), problem.message);
  }
  await until(parts, place, (asker) => asker === null || isGranted(asker), signal);
  return judgeAsker(findAsker(await readGroup(parts, place.group, signal), place.machine));
}

async function endFor(parts: FleetLockParts, place: Place, signal: AbortSignal): Promise<FleetLockAnswer> {
  const before = findAsker(await readGroup(parts, place.group, signal), place.machine);
  if (before === null) return GRANTED;
  if (!isSteady(before)) {
    const problem = await request(parts, { ...place, step: "steady" }, signal);
    if (problem !== null) return refusal(409, problem.code.toLowerCase(), problem.message);
  }
  await until(parts, place, (asker) => asker === null, signal);
  return GRANTED;
}

/** When there is no more time to wait. */
async function answerNow(
  parts: FleetLockParts,
  { question, machine }: { readonly question: FleetLockQuestion; readonly machine: MachineId },
  signal: AbortSignal,
): Promise<FleetLockAnswer> {
  const asker = findAsker(await readGroup(parts, question.group, signal), machine);
  if (question.step === "ask") return judgeAsker(asker);
  return asker === null ? GRANTED : notYet(asker.reason);
}

function judgeAsker(asker: RebootHolder | RebootWaiter | null): FleetLockAnswer {
  if (asker === null) return notYet(reason("REQUESTED", "no engine has taken it up yet"));
  return isGranted(asker) ? GRANTED : notYet(asker.reason);
}

function findAsker(group: RebootGroup | null, machine: MachineId): RebootHolder | RebootWaiter | null {
  if (group === null) return null;
  return [...group.holders, ...group.waiting].find((asker) => asker.machine === machine) ?? null;
}

function isSteady(asker: RebootHolder | RebootWaiter): boolean {
  return "phase" in asker && asker.steadyAt !== null;
}

function isGranted(asker: RebootHolder | RebootWaiter): boolean {
  return "phase" in asker && asker.phase === "rebooting" && asker.steadyAt === null;
}

/** From etcd itself: a mirror that lags could let a machine go whose slot is another's by now. */
async function readGroup({ etcd }: FleetLockParts, group: string, signal: AbortSignal): Promise<RebootGroup | null> {
  return (await etcd.get(keys.rebootGroup(group), signal))?.value ?? null;
}

async function until(
  { etcd }: FleetLockParts,
  { machine, group }: Place,
  isOver: (asker: RebootHolder | RebootWaiter | null) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const key = keys.rebootGroup(group);
  await using mirror = await etcd.mirror([key.path], signal);
  for await (const _ of mirror.changes(signal)) if (isOver(findAsker(mirror.get(key)?.value ?? null, machine))) return;
  signal.throwIfAborted();
}

/** Null when it was applied. */
async function request(
  { etcd, clock }: FleetLockParts,
  { machine, group, step }: Place & { readonly step: FleetLockQuestion["step"] },
  signal: AbortSignal,
): Promise<Problem | null> {
  const principal = `machine:${machine}` as Principal;
  const asked: Request = {
    v: 1,
    id: `reboot-${randomBytes(8).toString("hex")}` as RequestId,
    actor: { principal, slack: null },
    action: { verb: "reboot", machine, group, step },
    why: "",
    submittedAt: formatTimestamp(clock.now()),
    outcome: null,
  };
  await submitRequest(etcd, asked, signal);
  for await (const { outcome } of followRequest(etcd, principal, asked.id, signal)) {
    if (outcome === null) continue;
    return outcome.kind === "refused" ? outcome.problem : null;
  }
  signal.throwIfAborted();
  throw new CodedError("INTERNAL", { message: `request ${asked.id} ended without an outcome` });
}
