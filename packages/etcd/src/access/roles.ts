import { CodedError, principalSchema, type MachineId, type Principal } from "@quarterdeck/model";
import { prefixEnd } from "../keyspace/prefix-end.ts";

/** Keys `[start, end)` in byte order; an empty `end` means the one key, `"\0"` no end. */
export type Permission = {
  readonly access: "Read" | "Write" | "Readwrite";
  readonly start: string;
  readonly end: string;
};

/** An etcd user, named like its certificate, and the role of the same name with all that it may do. */
export type RoleSpec = { readonly principal: Principal; readonly permissions: readonly Permission[] };

export type Principals = {
  readonly machines: readonly MachineId[];
  /** Names without the `operator:`; `api-<machine>` for a machine's own `fleet`. */
  readonly operators: readonly string[];
  /** Begins and ends with `/`. */
  readonly prefix: string;
};

/**
 * Who may do what in etcd: clients read, and write only their own requests; the engine alone writes what should be. Every range ends with the
 * `/` of its last segment, so that no name can reach into the range of a longer one.
 * @throws {CodedError} INVALID_NAME for a name that could leave its segment, INVALID_CONFIG for such a prefix
 */
export function roles({ machines, operators, prefix }: Principals): readonly RoleSpec[] {
  checkPrefix(prefix);
  return [
    { principal: checkedPrincipal("engine"), permissions: [below("Readwrite", prefix)] },
    {
      principal: checkedPrincipal("bot"),
      permissions: [
        below("Read", prefix),
        below("Readwrite", `${prefix}requests/bot/`),
        below("Readwrite", `${prefix}bot/`),
      ],
    },
    ...[...new Set(operators)].map((name) => operatorRole(name, prefix)),
    ...[...new Set(machines)].map((machine) => machineRole(machine, prefix)),
  ];
}

/** Reads Quarterdeck's keys, writes its own requests, and owns all keys that are not Quarterdeck's. */
function operatorRole(name: string, prefix: string): RoleSpec {
  const principal = checkedPrincipal(`operator:${name}`);
  const outside: readonly Permission[] = [
    { access: "Readwrite", start: "\0", end: prefix },
    { access: "Readwrite", start: prefixEnd(prefix), end: "\0" },
  ];
  return {
    principal,
    permissions: [below("Read", prefix), below("Readwrite", `${prefix}requests/${principal}/`), ...outside],
  };
}

/** Reports about itself, reads what it shall run, and sees nothing of other machines. */
export function machineRole(machine: MachineId, prefix: string): RoleSpec {
  checkPrefix(prefix);
  return {
    principal: checkedPrincipal(`machine:${machine}`),
    permissions: [
      below("Readwrite", `${prefix}agents/${machine}/`),
      below("Read", `${prefix}schedule/${machine}/`),
      below("Read", `${prefix}unit-files/`),
      { access: "Read", start: `${prefix}epoch`, end: "" },
    ],
  };
}

function below(access: Permission["access"], start: string): Permission {
  return { access, start, end: prefixEnd(start) };
}

/** A role of a name that is nobody's certificate would be dead; one with a `/` in it would be a hole. */
function checkedPrincipal(name: string): Principal {
  const parsed = principalSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new CodedError("INVALID_NAME", {
    message: `${JSON.stringify(name)} cannot be a user of etcd`,
    why: "users are certificate names: machine:<32 lower-case hex digits>, operator:<1 to 64 of a-z A-Z 0-9 _ . @ ->, engine, bot",
  });
}

function checkPrefix(prefix: string): void {
  if (/^\/([A-Za-z0-9_.-]+\/)+$/.test(prefix)) return;
  throw new CodedError("INVALID_CONFIG", {
    message: `etcd prefix ${JSON.stringify(prefix)} does not begin and end with /`,
  });
}
