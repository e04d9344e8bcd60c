/** The JSON document of each command; scripts rely on them, and the tests of the derivations hold them. */
export const SHAPES: readonly { readonly command: string; readonly shape: string }[] = [
  { command: "list-machines", shape: "[{machine, hostname, ip, metadata, state, version}]" },
  {
    command: "machine",
    shape:
      "as an element of list-machines, and {zone, os, versions, cpus, memoryMiB, bootId, agentSince, lostAt, cordoned, drain: {state, moved, total, reason, startedAt, endedAt}, setMetadata, units: [{unit, target, active, sub, health}]}",
  },
  {
    command: "brake status",
    shape: '{state: "off"|"on"|"released", since, reason, by, machines: [{machine, hostname}]}',
  },
  {
    command: "reboots status",
    shape: '[{group, machine, hostname, phase: "draining"|"rebooting"|"waiting", since, overdue, reason}]',
  },
  {
    command: "list-units",
    shape:
      "[{unit, machine, ip, active, sub, load, hash, health}], and outdated: true where an instance is older than its template",
  },
  {
    command: "list-unit-files",
    shape:
      "[{unit, hash, desiredState, state, target, global, reason}], and outdated: true where an instance is older than its template",
  },
  { command: "services", shape: "[{service, release, version, image, desired, running, healthy, rollout}]" },
  {
    command: "status",
    shape:
      '{revision, ageSeconds, health: "ok"|"degraded"|"down", etcd: {members, healthy, leader}, engine: {leader: {machine, hostname}}, machines: [{machine, hostname, ip, state}], units: {desired, active, failed, unplaced}, rollouts: [{rollout, service, version, state, updated, total}], problems: [{code, message}]}',
  },
  {
    command: "status UNIT",
    shape:
      "[{unit, machine, hostname, ip, desiredState, load, active, sub, result, health, healthDetail, restarts, since, release, outdated, problem, journal: [line]}]",
  },
  { command: "releases", shape: "[{service, release, version, image, hash, by, at, why, current}]" },
  {
    command: "rollouts",
    shape: "[{rollout, service, release, version, previous, state, updated, total, by, startedAt, endedAt, reason}]",
  },
  { command: "rollout", shape: "as an element of rollouts, and steps: [{unit, state, machine, hostname, reason}]" },
  {
    command: "why",
    shape:
      "{unit, desiredState, phase, machine, reason, outdated, refusals: [{machine, hostname, reason}], copies: [{machine, hostname, target, acknowledged, active, reason, problem}]}; of several units an array",
  },
  { command: "cat", shape: "{unit, hash, text}" },
  {
    command: "verify",
    shape: '[{unit, ok, findings: [{severity: "error"|"warning", rule, line, column, message, try}]}]',
  },
  { command: "journal", shape: "{unit, machine, lines}" },
  { command: "doctor", shape: '[{check, state: "ok"|"warn"|"failed"|"skipped", message, why, try}]' },
  { command: "etcd get", shape: '{key, value, encoding: "utf8"|"base64", modRevision}' },
  { command: "etcd set", shape: '{key, value, encoding: "utf8"|"base64"}' },
  { command: "etcd ls", shape: "[{key, directory}]" },
  { command: "etcd members", shape: "[{name, id, endpoint, healthy, leader, version, databaseBytes, alarms}]" },
  {
    command: "audit",
    shape: "[{sequence, at, actor, principal, request, act, subjects: [name], outcome, why}]",
  },
  {
    command: "audit --verify",
    shape:
      "{sound: true, entries, first, head, at, signedFrom, anchor, fingerprint, fault: null}, or with exit code 1 {sound: false, fault: {code, sequence, message}, error}",
  },
  { command: "version", shape: "{version}" },
  {
    command: "deploy",
    shape: '{request, rollout, service, release, version, state: "done"|"failed"|"running"|"unchanged", reason}',
  },
  {
    command:
      "submit, load, start, stop, unload, destroy, set-metadata, cordon, uncordon, drain, rebalance, brake release, reboots release",
    shape: '{request, state: "done"|"failed"|"running"|"unchanged", changed: [name], reason}',
  },
  {
    command: "plan",
    shape:
      '{request, changed: [name], reason, steps: [{step: "place"|"update"|"stop"|"move"|"stay"|"wait", units: [name], from, to, reason}]}',
  },
  { command: "any change with --no-block", shape: "{request}" },
];
