/**
 * Exit codes of `fleet` (docs/reference/cli.md): 0 done · 1 failed · 2 usage · 3 not found · 4 refused ·
 * 5 cannot be placed · 6 timed out, still going on · 7 cluster unreachable · 8 conflict.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

type CodeFacts = { readonly exitCode: ExitCode; readonly retryable: boolean };

const code = (exitCode: ExitCode, retryable = false): CodeFacts => ({ exitCode, retryable });

/**
 * Every error code there is. A code's exit code and whether the same call may succeed later are properties of the
 * code, never of the place that raises it. The same code appears in Slack, the terminal, the journal and the audit log.
 */
export const ERROR_CODES = {
  // what a person typed
  USAGE: code(2),
  UNKNOWN_COMMAND: code(2),
  INVALID_NAME: code(2),
  INVALID_VERSION: code(2),
  INVALID_UNIT: code(2),
  INVALID_JSON: code(2),
  INVALID_CONFIG: code(2),
  INVALID_CERTIFICATE: code(2),
  CONFIRMATION_NEEDED: code(2),
  NOT_YET: code(2),
  // what is not there
  NOT_FOUND: code(3),
  VERSION_NOT_FOUND: code(3),
  // what is not allowed
  FORBIDDEN: code(4),
  ENGINE_OWNED: code(4),
  LOCKED: code(4),
  // what does not fit
  UNPLACEABLE: code(5),
  // what did not come about
  FAILED: code(1),
  UNIT_FAILED: code(1),
  UNHEALTHY: code(1),
  ROLLOUT_FAILED: code(1),
  AUDIT_UNSOUND: code(1),
  TIMED_OUT: code(6, true),
  UNREACHABLE: code(7, true),
  MACHINE_UNREACHABLE: code(7, true),
  REGISTRY_UNREACHABLE: code(7, true),
  // what collides
  CONFLICT: code(8),
  ALREADY_RUNNING: code(8),
  ROLLOUT_RUNNING: code(8),
  STALE_PLAN: code(8, true),
  // etcd
  ETCD_UNREACHABLE: code(7, true),
  ETCD_TIMEOUT: code(6, true),
  ETCD_FORBIDDEN: code(4),
  ETCD_COMPACTED: code(7, true),
  ETCD_FENCED: code(8, true),
  ETCD_LEASE_LOST: code(7, true),
  ETCD_CORRUPT_VALUE: code(1),
  ETCD_NEWER_VALUE: code(1),
  ETCD_INVALID_KEY: code(2),
  ETCD_TOO_LARGE: code(1),
  ETCD_CONFLICT: code(8, true),
  // a machine, its systemd and its containers
  SYSTEMD_UNREACHABLE: code(1, true),
  SYSTEMD_REFUSED: code(1),
  FENCED: code(7, true),
  // the lab and the set-up
  LAB_UNSUPPORTED: code(1),
  LAB_NOT_RUNNING: code(7),
  LAB_FAILED: code(1),
  SETUP_FAILED: code(1),
  // Slack
  SLACK_REFUSED: code(1, true),
  // a fault of our own
  INTERNAL: code(1),
  CANCELLED: code(1),
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;
