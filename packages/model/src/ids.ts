import { z } from "zod";
import type { Brand } from "./brand.ts";

/** What systemd writes to `/etc/machine-id`: 32 lower-case hex digits. @see machine-id(5) */
export type MachineId = string & Brand<"MachineId">;
/** A full unit name with its suffix, e.g. `web@2.service`; see {@link parseUnitName}. */
export type UnitName = string & Brand<"UnitName">;
/** The prefix of a template unit that has an `[X-Deploy]` section: `web` for `web@.service`. */
export type ServiceName = string & Brand<"ServiceName">;
/** 64 lower-case hex digits; of a unit file's text as it was submitted, byte for byte. */
export type Sha256 = string & Brand<"Sha256">;
/** A request's idempotency key, made by the client: 8 to 64 of `A-Za-z0-9_-`. */
export type RequestId = string & Brand<"RequestId">;
/** `<service>-<release number>-<8 hex digits>`. */
export type RolloutId = string & Brand<"RolloutId">;
/** `<kind>-<16 hex digits>`: `drain-…` or `rebalance-…`. */
export type RelocationId = string & Brand<"RelocationId">;
/** A certificate's common name: `machine:<id>`, `etcd`, `engine`, `bot`, `operator:<name>`, `root`. */
export type Principal = string & Brand<"Principal">;
/** The create revision of `units/<unit>`, as a decimal string: tells a unit from a later one of the same name. */
export type Incarnation = string & Brand<"Incarnation">;
/** An instant on the writer's clock, RFC 3339 in UTC with milliseconds. */
export type Timestamp = string & Brand<"Timestamp">;

const branded = <Name extends string>(pattern: RegExp) =>
  z.string().regex(pattern) as unknown as z.ZodType<string & Brand<Name>, string>;

export const machineIdSchema = branded<"MachineId">(/^[0-9a-f]{32}$/);
export const unitNameSchema = branded<"UnitName">(
  /^(?=.{1,256}$)[a-zA-Z0-9:_.@-]+\.(automount|busname|device|mount|path|scope|service|slice|snapshot|socket|swap|target|timer)$/,
);
export const serviceNameSchema = branded<"ServiceName">(/^[a-zA-Z0-9_][a-zA-Z0-9:_.-]{0,127}$/);
export const sha256Schema = branded<"Sha256">(/^[0-9a-f]{64}$/);
export const requestIdSchema = branded<"RequestId">(/^[A-Za-z0-9_-]{8,64}$/);
export const rolloutIdSchema = branded<"RolloutId">(/^[a-zA-Z0-9_][a-zA-Z0-9:_.-]{0,127}-[0-9]{1,9}-[0-9a-f]{8}$/);
export const relocationIdSchema = branded<"RelocationId">(/^(drain|rebalance)-[0-9a-f]{16}$/);
export const principalSchema = branded<"Principal">(
  /^(machine:[0-9a-f]{32}|etcd|engine|bot|root|operator:[a-zA-Z0-9_.@-]{1,64})$/,
);
export const incarnationSchema = branded<"Incarnation">(/^[0-9]{1,19}$/);
export const timestampSchema = branded<"Timestamp">(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
