import type { ServiceError } from "@grpc/grpc-js";
import { CodedError, type MachineId } from "@quarterdeck/model";
import type { EtcdOptions } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import { Endpoints } from "../connection/endpoints.ts";
import { isServiceError } from "../connection/grpc-errors.ts";
import { readCredentials } from "../connection/read-credentials.ts";
import type { RpcName, Rpcs } from "../connection/rpcs.ts";
import { machineRole, roles, type Permission, type Principals, type RoleSpec } from "./roles.ts";

/** How to reach etcd with the certificate of `root`. */
export type RootConnection = Omit<EtcdOptions, "prefix">;

/**
 * Makes etcd's users and roles what {@link roles} says and, last, turns access control on. Doing it again changes nothing; users that are not
 * listed stay as they are.
 * @throws {CodedError} ETCD_FORBIDDEN when the certificate is not root's, ETCD_UNREACHABLE, ETCD_TIMEOUT
 */
export async function applyRoles(
  connection: RootConnection,
  principals: Principals,
  signal: AbortSignal,
): Promise<void> {
  await asRoot(connection, async (call) => {
    await call("add role root", "roleAdd", { name: "root" }, signal);
    await addUser(call, "root", signal);
    await applySpecs(call, roles(principals), signal);
    const { enabled } = await call("see whether access control is on", "authStatus", {}, signal);
    if (!enabled) await call("turn access control on", "authEnable", {}, signal);
  });
}

/** Lets one more machine in; the same as listing it with {@link applyRoles}. */
export async function addMachineUser(
  connection: RootConnection,
  { machine, prefix }: { readonly machine: MachineId; readonly prefix: string },
  signal: AbortSignal,
): Promise<void> {
  await asRoot(connection, (call) => applySpecs(call, [machineRole(machine, prefix)], signal));
}

/** What exists already, or no longer, is as good as done: an answer may have been lost, or another start been cut short. */
type Call = <Name extends RpcName>(
  action: string,
  name: Name,
  request: Rpcs[Name]["request"],
  signal: AbortSignal,
) => Promise<Rpcs[Name]["response"]>;

async function asRoot(connection: RootConnection, work: (call: Call) => Promise<void>): Promise<void> {
  const credentials = connection.tls === null ? null : await readCredentials(connection.tls);
  const endpoints = new Endpoints({ ...connection, prefix: "/" }, credentials);
  try {
    await work(async (action, name, request, signal) => {
      try {
        return await callEtcd(endpoints, { name, request }, { action, repeatable: true }, signal);
      } catch (error) {
        if (error instanceof CodedError && isServiceError(error.cause) && isDone(error.cause))
          return {} as Rpcs[typeof name]["response"];
        throw error;
      }
    });
  } finally {
    endpoints.close();
  }
}

function isDone({ details }: ServiceError): boolean {
  return /(user|role) name already exists|role is not granted|permission is not granted/.test(details);
}

async function applySpecs(call: Call, specs: readonly RoleSpec[], signal: AbortSignal): Promise<void> {
  for (const spec of specs) {
    await call(`add role ${spec.principal}`, "roleAdd", { name: spec.principal }, signal);
    await applyPermissions(call, spec, signal);
    await addUser(call, spec.principal, signal);
  }
}

async function applyPermissions(call: Call, { principal, permissions }: RoleSpec, signal: AbortSignal): Promise<void> {
  const { perm } = await call(`read role ${principal}`, "roleGet", { role: principal }, signal);
  const present = perm.map(({ permType, key, range_end }): Permission => ({
    access: permType,
    start: key.toString(),
    end: range_end.toString(),
  }));
  for (const each of present.filter(
    (one) => !permissions.some((wanted) => wanted.start === one.start && wanted.end === one.end),
  )) {
    const request = { role: principal, key: Buffer.from(each.start), range_end: Buffer.from(each.end) };
    await call(`narrow role ${principal}`, "roleRevokePermission", request, signal);
  }
  for (const each of permissions.filter((wanted) => !present.some((one) => same(one, wanted)))) {
    const permission = { permType: each.access, key: Buffer.from(each.start), range_end: Buffer.from(each.end) };
    await call(`widen role ${principal}`, "roleGrantPermission", { name: principal, perm: permission }, signal);
  }
}

/** A user without a password, known by its certificate, with the role of its own name and no other. */
async function addUser(call: Call, name: string, signal: AbortSignal): Promise<void> {
  await call(`add user ${name}`, "userAdd", { name, options: { no_password: true } }, signal);
  const { roles: granted } = await call(`read user ${name}`, "userGet", { name }, signal);
  for (const role of granted.filter((each) => each !== name)) {
    await call(`take role ${role} from ${name}`, "userRevokeRole", { name, role }, signal);
  }
  if (!granted.includes(name)) await call(`give ${name} its role`, "userGrantRole", { user: name, role: name }, signal);
}

const same = (a: Permission, b: Permission): boolean => a.access === b.access && a.start === b.start && a.end === b.end;
