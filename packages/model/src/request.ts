import { z } from "zod";
import { forecastSchema } from "./forecast.ts";
import {
  machineIdSchema,
  principalSchema,
  relocationIdSchema,
  requestIdSchema,
  rolloutIdSchema,
  serviceNameSchema,
  sha256Schema,
  timestampSchema,
  unitNameSchema,
} from "./ids.ts";
import { metadataSchema } from "./machine.ts";
import { problemSchema } from "./problem.ts";
import { reasonSchema } from "./reason.ts";
import { rebootGroupNameSchema } from "./reboot-group.ts";
import { versioned } from "./versioned.ts";

/** Who asks. `principal` is the certificate's name; only `bot` may name a Slack user, and the engine checks that. */
export const actorSchema = z.object({
  principal: principalSchema,
  slack: z
    .object({ userId: z.string(), userName: z.string(), groups: z.array(z.string()), channel: z.string() })
    .nullable(),
});
export type Actor = z.infer<typeof actorSchema>;

const unitText = z.object({ name: unitNameSchema, text: z.string().max(262_144) });
const unitNames = z.array(unitNameSchema).min(1).max(1000);

/** What is asked, as data. `files` carries unit text for names that the cluster may not know yet. */
export const requestActionSchema = z.discriminatedUnion("verb", [
  z.object({ verb: z.literal("submit"), files: z.array(unitText).min(1), replace: z.boolean() }),
  z.object({ verb: z.literal("load"), units: unitNames, files: z.array(unitText), replace: z.boolean() }),
  z.object({ verb: z.literal("start"), units: unitNames, files: z.array(unitText), replace: z.boolean() }),
  z.object({ verb: z.literal("stop"), units: unitNames }),
  z.object({ verb: z.literal("restart"), units: unitNames }),
  /** With `files`, as fleet's API replaces a unit: it gets its new text and is taken off its machine in one step. */
  z.object({
    verb: z.literal("unload"),
    units: unitNames,
    files: z.array(unitText).default([]),
    replace: z.boolean().default(false),
  }),
  z.object({ verb: z.literal("destroy"), units: unitNames }),
  z.object({
    verb: z.literal("deploy"),
    service: serviceNameSchema,
    version: z.string().min(1).max(128),
    /** Overrides the unit file's MaxParallel for this rollout. */
    maxParallel: z.int().min(1).nullable(),
    canary: z.int().min(0).nullable(),
    /** Deploy a tag although the registry could not be asked for its digest. */
    allowTag: z.boolean(),
  }),
  /** An empty value takes the key away. */
  z.object({ verb: z.literal("set-metadata"), machine: machineIdSchema, metadata: metadataSchema }),
  z.object({ verb: z.literal("cordon"), machine: machineIdSchema }),
  z.object({ verb: z.literal("uncordon"), machine: machineIdSchema }),
  /** Cordons too. */
  z.object({ verb: z.literal("drain"), machine: machineIdSchema }),
  z.object({ verb: z.literal("rebalance"), max: z.int().min(1).nullable() }),
  /** Releases the brake; the request's `why` must say why that is safe. */
  z.object({ verb: z.literal("brake") }),
  /** A machine's own, which came by FleetLock: it wants to reboot, or has done what it wanted. Nobody else may ask for it. */
  z.object({
    verb: z.literal("reboot"),
    machine: machineIdSchema,
    group: rebootGroupNameSchema,
    step: z.enum(["ask", "steady"]),
  }),
  /** Takes a machine out of its group, whatever it does; the request's `why` must say why that is safe. */
  z.object({ verb: z.literal("reboots"), release: machineIdSchema }),
  /** Somebody has the audit log elsewhere, up to this entry: what is old of it may go. */
  z.object({ verb: z.literal("audit"), exported: z.object({ sequence: z.int().min(1), hash: sha256Schema }) }),
]);
export type RequestAction = z.infer<typeof requestActionSchema>;
export type RequestVerb = RequestAction["verb"];

/** The engine's answer, written in the transaction of the effect. Waiting for the effect to become true is the client's. */
export const requestOutcomeSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("applied"),
    /** Names whose desired state changed; empty when everything was so already. */
    changed: z.array(z.string()),
    rollout: rolloutIdSchema.nullable(),
    release: z.int().nullable(),
    /** Of a drain or a rebalance. */
    relocation: relocationIdSchema.optional(),
    /** Of a dry run: what the change would lead to. Nothing was changed. */
    forecast: z.array(forecastSchema).optional(),
    reason: reasonSchema,
    at: timestampSchema,
  }),
  z.object({ kind: z.literal("refused"), problem: problemSchema, at: timestampSchema }),
]);
export type RequestOutcome = z.infer<typeof requestOutcomeSchema>;

/** Who works on a request that cannot be answered at once, and at what: written once for each thing outside that has to be waited for. */
export const requestClaimSchema = z.object({
  /** The leader's machine. */
  by: z.string(),
  /** For people: `asks registry.lab:5000 for web:1.0.0`. */
  doing: z.string().max(1000),
  at: timestampSchema,
});
export type RequestClaim = z.infer<typeof requestClaimSchema>;

/** `requests/<principal>/<id>`: `outcome` is null until the engine has answered. The id is the idempotency key. */
export const requestSchema = versioned({
  id: requestIdSchema,
  actor: actorSchema,
  action: requestActionSchema,
  /** `--reason`; empty when none was given. */
  why: z.string().max(1000),
  /** Only say what it would lead to, or why it would be refused. */
  dryRun: z.boolean().optional(),
  submittedAt: timestampSchema,
  /** The engine's; not there while it has not had to wait for anything. */
  claim: requestClaimSchema.optional(),
  outcome: requestOutcomeSchema.nullable(),
});
export type Request = z.infer<typeof requestSchema>;
