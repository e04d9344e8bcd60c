import { parse } from "smol-toml";
import { z } from "zod";
import { metadataSchema } from "./machine.ts";
import { nearest } from "./nearest.ts";
import type { Problem } from "./problem.ts";
import { refuse, succeed, type Result } from "./result.ts";

const port = z.int().min(1).max(65535);

/** `127.0.0.1:49153`, `[::1]:49153`: one address, never all of them. */
const listenAddress = z.string().refine(
  (text) => {
    const [, bracketed, plain, number] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text) ?? [];
    const named =
      (z.ipv4().safeParse(plain).success && plain !== "0.0.0.0") ||
      (z.ipv6().safeParse(bracketed).success && /[1-9a-f]/i.test(bracketed ?? ""));
    return named && port.safeParse(Number(number)).success;
  },
  { error: "must be one IP address of this machine and a port, such as 127.0.0.1:49153 or [::1]:49153" },
);

/** A channel of Slack, by name or id; empty for none. */
export const slackChannelSchema = z
  .string()
  .regex(/^#?[\p{L}\p{N}_-]{0,80}$/u, { error: "must be a channel's name or id, such as ops or C0123456789" });

/** `/etc/quarterdeck/quarterdeck.toml`, the config of every role. @see docs/reference/machine.md */
export const configSchema = z.strictObject({
  machine: z.strictObject({
    hostname: z.string().min(1),
    address: z.string().min(1),
    zone: z.string().default("local"),
    metadata: metadataSchema.default({}),
  }),
  etcd: z.strictObject({
    endpoints: z.array(z.url({ protocol: /^https$/ })).min(1),
    prefix: z
      .string()
      .regex(/^\/([A-Za-z0-9_.-]+\/)+$/)
      .default("/quarterdeck/"),
  }),
  pki: z.strictObject({ dir: z.string().startsWith("/") }).default({ dir: "/etc/quarterdeck/pki" }),
  agent: z
    .strictObject({
      port: port.default(7443),
      lease_ttl_seconds: z.int().min(5).max(3600).default(10),
      /** fleet's HTTP API v1 on `/run/quarterdeck/fleet.sock`. */
      fleet_api: z.boolean().default(false),
      /** Where fleet's API listens besides its socket: whoever reaches such an address may do what this machine may. */
      fleet_api_listen: z.array(listenAddress).default([]),
      /** Free space of the disk with the containers, in percent, below which what nobody needs is taken away; 0: never. */
      disk_low_percent: z.number().min(0).max(90).default(15),
      /** Who runs units: this machine's systemd, or, for a lab without one, the agent itself as plain processes. */
      unit_manager: z.enum(["systemd", "process"]).default("systemd"),
      /** The folder that stands for the machine's file system; other than `/` only where units are plain processes. */
      root: z.string().startsWith("/").default("/"),
    })
    .prefault({}),
  engine: z
    .strictObject({
      port: port.default(7444),
      grace_seconds: z.number().min(0).max(3600).default(1),
      /** FleetLock on `port`: machines ask there before they reboot. */
      fleet_lock: z.boolean().default(false),
      /** How many machines of a group may be away for a reboot at once. */
      fleet_lock_slots: z.int().min(1).max(100).default(1),
      /** How long a machine that may reboot is waited for, before it is said that it is not back. */
      fleet_lock_overdue_minutes: z.int().min(1).max(1440).default(30),
      /** What stays in etcd of the audit log although it was exported: so many entries, and those of so many days. */
      audit_keep_entries: z.int().min(1).default(1000),
      audit_keep_days: z.number().min(0).max(3650).default(30),
    })
    .prefault({}),
  bot: z
    .strictObject({
      /** Slack's id or name of the channel that is told what nobody asked for; empty: none is. */
      channel: slackChannelSchema.default("ops"),
    })
    .prefault({}),
  registry: z
    .strictObject({
      ca: z.string().startsWith("/").optional(),
      /** Why this cluster has no image registry, which is the answer to every deploy. */
      unavailable: z.string().optional(),
    })
    .prefault({}),
});
export type Config = z.infer<typeof configSchema>;

/**
 * Reads the config's text; each value may be overridden by `QUARTERDECK_<SECTION>_<KEY>` in `environment` (lists by commas).
 * An unknown key is refused with the nearest known one.
 */
export function parseConfig(text: string, environment: Readonly<Record<string, string | undefined>>): Result<Config> {
  let raw: Record<string, unknown>;
  try {
    raw = parse(text) as Record<string, unknown>;
  } catch (error) {
    return refuse(
      invalid(
        `not TOML: ${error instanceof Error ? error.message : String(error)}`,
        "mend the line that the message names",
      ),
    );
  }
  const parsed = configSchema.safeParse(withOverrides(raw, environment));
  if (parsed.success) return succeed(parsed.data);
  const issue = parsed.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  if (issue?.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = knownKeys(issue.path.map(String));
    const close = nearest(key, known);
    const where = path === "" ? key : `${path}.${key}`;
    return refuse(
      invalid(`unknown key ${where}`, close === null ? `known keys: ${known.join(", ")}` : `write ${close}`),
    );
  }
  return refuse(invalid(`${path}: ${issue?.message ?? "invalid"}`, "see docs/reference/machine.md"));
}

const invalid = (message: string, hint: string): Problem => ({
  code: "INVALID_CONFIG",
  message: `quarterdeck.toml: ${message}`,
  try: hint,
});

const SECTIONS = configSchema.shape;

function sectionShape(name: string): Record<string, unknown> {
  let schema: unknown = SECTIONS[name as keyof typeof SECTIONS];
  while (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) schema = schema.unwrap();
  return schema instanceof z.ZodObject ? schema.shape : {};
}

function knownKeys(path: readonly string[]): readonly string[] {
  return path.length === 0 ? Object.keys(SECTIONS) : Object.keys(sectionShape(path[0] ?? ""));
}

function withOverrides(
  raw: Record<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...raw };
  for (const section of Object.keys(SECTIONS)) {
    for (const key of Object.keys(sectionShape(section))) {
      const value = environment[`QUARTERDECK_${section}_${key}`.toUpperCase()];
      if (value === undefined) continue;
      merged[section] = {
        ...(merged[section] as Record<string, unknown> | undefined),
        [key]: overrideValue(key, value),
      };
    }
  }
  return merged;
}

function overrideValue(key: string, value: string): unknown {
  if (key === "fleet_api_listen" && value === "") return [];
  if (key === "endpoints" || key === "fleet_api_listen") return value.split(",");
  if (key === "metadata") return Object.fromEntries(value.split(",").map((pair) => pair.split("=", 2)));
  if (value === "true" || value === "false") return value === "true";
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
