import { z } from "zod";

/** @see etcd server/etcdserver/api/etcdhttp/health.go; 3.4 gives no reason */
const healthSchema = z.object({ health: z.enum(["true", "false"]), reason: z.string().optional() });
/** @see etcd server/etcdserver/api/etcdhttp/version.go */
const versionSchema = z.object({ etcdserver: z.string().max(64) });

/** The body of `/health`; null when no etcd wrote it. */
export function decodeHealth(body: string): { readonly healthy: boolean; readonly reason: string } | null {
  const parsed = healthSchema.safeParse(parseJson(body));
  return parsed.success ? { healthy: parsed.data.health === "true", reason: parsed.data.reason ?? "" } : null;
}

/** The body of `/version`; null when no etcd wrote it. */
export function decodeVersion(body: string): string | null {
  const parsed = versionSchema.safeParse(parseJson(body));
  return parsed.success ? parsed.data.etcdserver : null;
}

/** What of `/metrics` is looked at; null where a version does not tell. */
export type MemberMetrics = {
  /** Hexadecimal, as `etcdctl member list` has it. */
  readonly id: string | null;
  readonly hasLeader: boolean | null;
  readonly isLeader: boolean | null;
  readonly databaseBytes: number | null;
  readonly inUseBytes: number | null;
  readonly quotaBytes: number | null;
};

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/ "Text-based format" */
export function decodeMetrics(body: string): MemberMetrics {
  const number = (name: string): number | null => {
    const found = new RegExp(`^${name} (\\S+)$`, "m").exec(body)?.[1];
    const value = Number(found);
    return found === undefined || !Number.isFinite(value) ? null : value;
  };
  const flag = (name: string): boolean | null => {
    const value = number(name);
    return value === null ? null : value === 1;
  };
  return {
    id: /^etcd_server_id\{server_id="([0-9a-f]{1,16})"\} 1$/m.exec(body)?.[1] ?? null,
    hasLeader: flag("etcd_server_has_leader"),
    isLeader: flag("etcd_server_is_leader"),
    databaseBytes: number("etcd_mvcc_db_total_size_in_bytes"),
    inUseBytes: number("etcd_mvcc_db_total_size_in_use_in_bytes"),
    quotaBytes: number("etcd_server_quota_backend_bytes"),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
