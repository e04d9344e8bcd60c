import { z } from "zod";
import {
  principalSchema,
  rolloutIdSchema,
  serviceNameSchema,
  sha256Schema,
  timestampSchema,
  unitNameSchema,
} from "./ids.ts";
import { versioned } from "./versioned.ts";

/** How a health check is asked, and how many answers in a row it takes to believe them. */
export const healthTimingSchema = z.object({
  intervalSeconds: z.number().positive(),
  timeoutSeconds: z.number().positive(),
  healthyThreshold: z.int().min(1),
  unhealthyThreshold: z.int().min(1),
});
export type HealthTiming = z.infer<typeof healthTimingSchema>;

/** `[X-Deploy]` as data; all durations in seconds. */
export const deploySpecSchema = z.object({
  /** A repository without tag or digest, e.g. `ghcr.io/acme/web`. */
  image: z.string().min(1),
  replicas: z.int().min(1).max(1000),
  /** `http://host:port/path`, `https://…` or `tcp://host:port`, asked from the unit's own machine; `null`: active is healthy. */
  healthCheck: z.string().nullable(),
  /** Left out where the unit file says nothing of it: then the agent's defaults hold. */
  healthTiming: healthTimingSchema.optional(),
  maxParallel: z.int().min(1),
  canary: z.int().min(0),
  minHealthySeconds: z.number().min(0),
  /** How long a replica may take from its start to healthy before the rollout fails. */
  healthyDeadlineSeconds: z.number().positive(),
  progressDeadlineSeconds: z.number().positive(),
  autoRevert: z.boolean(),
});
export type DeploySpec = z.infer<typeof deploySpecSchema>;

/** `services/<service>`. */
export const serviceSchema = versioned({
  service: serviceNameSchema,
  template: unitNameSchema,
  hash: sha256Schema,
  deploy: deploySpecSchema,
  /** Number of the newest release; `null` before the first deploy. */
  release: z.int().min(1).nullable(),
  rollout: rolloutIdSchema.nullable(),
});
export type Service = z.infer<typeof serviceSchema>;

/** `releases/<service>/<n>`: immutable. */
export const releaseSchema = versioned({
  service: serviceNameSchema,
  number: z.int().min(1),
  version: z.string().min(1),
  /** With digest, unless the deploy allowed a bare tag. */
  image: z.string().min(1),
  hash: sha256Schema,
  by: z.string(),
  principal: principalSchema,
  at: timestampSchema,
  why: z.string(),
});
export type Release = z.infer<typeof releaseSchema>;
