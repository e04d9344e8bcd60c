import type { MachineId, Principal } from "@quarterdeck/model";
import { prefixEnd } from "../keyspace/prefix-end.ts";

/** Keys `[start, end)`; an empty `end` means the one key, `"\0"` no end. */
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

/** Who may do what in etcd: clients read, and write only their own requests; the engine alone writes what should be. */
export function roles({ machines, operators, prefix }: Principals): readonly RoleSpec[] {
  return [
    { principal: "engine" as Principal, permissions: [below("Readwrite", prefix)] },
    {
      principal: "bot" as Principal,
      permissions: [
        below("Read", prefix),
        below("Readwrite", `${prefix}requests/bot/`),
        below("Readwrite", `${prefix}bot/`),
      ],
    },
    ...operators.map((name) => operatorRole(name, prefix)),
    ...machines.map((machine) => machineRole(machine, prefix)),
  ];
}

/** Reads Quarterdeck's keys, writes its own requests, and owns all keys that are not Quarterdeck's. */
function operatorRole(name: string, prefix: string): RoleSpec {
  const principal = `operator:${name}` as Principal;
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
  return {
    principal: `machine:${machine}` as Principal,
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
