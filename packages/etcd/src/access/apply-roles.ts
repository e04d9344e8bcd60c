import type { MachineId } from "@quarterdeck/model";
import { inParallel } from "./in-parallel.ts";
import { machineRole, roles, type Permission, type Principals } from "./roles.ts";
import { asRoot, type RootCall, type RootConnection } from "./root-session.ts";

/** What {@link applyRoles} found to do; all empty when etcd was so already. */
export type AppliedRoles = {
  /** Users that were made, or made anew after somebody else removed them. */
  readonly added: readonly string[];
  /** Users or roles that had something too much or too little. */
  readonly corrected: readonly string[];
};

/**
 * Makes etcd's users and roles what {@link roles} says and, last, turns access control on. Doing it again changes nothing, and several may do it
 * at once; users that are not listed stay as they are. It asks etcd two questions for every user that exists and six for a new one, sixteen at a
 * time; etcd's own cost of a change grows with the number of users (163 ms each at 5,000).
 * @throws {CodedError} ETCD_FORBIDDEN when the certificate is not root's, INVALID_NAME, ETCD_UNREACHABLE, ETCD_TIMEOUT
 */
export async function applyRoles(
  connection: RootConnection,
  principals: Principals,
  signal: AbortSignal,
): Promise<AppliedRoles> {
  const specs = roles(principals);
  return asRoot(
    connection,
    async (call) => {
      const root = { principal: "root", permissions: null };
      const applied = await apply(call, [root, ...specs]);
      // Where it is on already etcd changes nothing; to ask first is not possible before etcd 3.5.
      await call("turn access control on", "authEnable", {});
      return applied;
    },
    signal,
  );
}

/** Lets one more machine in; the same as listing it with {@link applyRoles}. */
export async function addMachineUser(
  connection: RootConnection,
  { machine, prefix }: { readonly machine: MachineId; readonly prefix: string },
  signal: AbortSignal,
): Promise<AppliedRoles> {
  const spec = machineRole(machine, prefix);
  return asRoot(connection, (call) => apply(call, [spec]), signal);
}

/** `permissions` null: etcd's own role `root`, which may do everything anyway. */
type WantedRole = { readonly principal: string; readonly permissions: readonly Permission[] | null };

/**
 * Roles first, users last: a change of a role makes etcd compute every user's permissions again, and while there are no users that is nothing.
 * A user that is cut short has no role, and so no rights.
 */
async function apply(call: RootCall, wanted: readonly WantedRole[]): Promise<AppliedRoles> {
  const known = await call("list roles", "roleList", {});
  const users = await call("list users", "userList", {});
  const knownRoles = new Set(known?.roles);
  const knownUsers = new Set(users?.users);
  const corrected = new Set<string>();
  const changed = (principal: string): void => void corrected.add(principal);

  await inParallel(wanted, async (role) => {
    if (!knownRoles.has(role.principal)) await call(`add role ${role.principal}`, "roleAdd", { name: role.principal });
    await applyPermissions(call, role, { isNew: !knownRoles.has(role.principal), changed });
  });
  await inParallel(wanted, async ({ principal }) => {
    await applyUser(call, principal, { isNew: !knownUsers.has(principal), changed });
  });
  const added = wanted.map(({ principal }) => principal).filter((principal) => !knownUsers.has(principal));
  return { added, corrected: [...corrected].filter((principal) => knownRoles.has(principal)) };
}

type Progress = { readonly isNew: boolean; readonly changed: (principal: string) => void };

/** Widens before it narrows, so that nobody is refused in between what it may do before and after. */
async function applyPermissions(call: RootCall, role: WantedRole, { isNew, changed }: Progress): Promise<void> {
  const { principal, permissions } = role;
  if (permissions === null) return;
  const present = isNew ? [] : await readPermissions(call, principal);
  for (const each of permissions.filter((wanted) => !present.some((one) => isSame(one, wanted)))) {
    changed(principal);
    const perm = { permType: each.access, key: Buffer.from(each.start), range_end: Buffer.from(each.end) };
    await call(`widen role ${principal}`, "roleGrantPermission", { name: principal, perm });
  }
  for (const each of present.filter((one) => !permissions.some((wanted) => isSameRange(wanted, one)))) {
    changed(principal);
    const range = { key: Buffer.from(each.start), range_end: Buffer.from(each.end) };
    await call(`narrow role ${principal}`, "roleRevokePermission", { role: principal, ...range });
  }
}

async function readPermissions(call: RootCall, role: string): Promise<readonly Permission[]> {
  const found = await call(`read role ${role}`, "roleGet", { role });
  return (found?.perm ?? []).map(({ permType, key, range_end }) => ({
    access: permType,
    start: key.toString(),
    end: range_end.toString(),
  }));
}

/** A user without a password, known by its certificate, with the role of its own name and no other. */
async function applyUser(call: RootCall, name: string, { isNew, changed }: Progress): Promise<void> {
  if (isNew) await call(`add user ${name}`, "userAdd", { name, options: { no_password: true } });
  const granted = isNew ? [] : ((await call(`read user ${name}`, "userGet", { name }))?.roles ?? []);
  for (const role of granted.filter((each) => each !== name)) {
    changed(name);
    await call(`take role ${role} from ${name}`, "userRevokeRole", { name, role });
  }
  if (granted.includes(name)) return;
  if (!isNew) changed(name);
  await call(`give ${name} its role`, "userGrantRole", { user: name, role: name });
}

const isSameRange = (a: Permission, b: Permission): boolean => a.start === b.start && a.end === b.end;
const isSame = (a: Permission, b: Permission): boolean => a.access === b.access && isSameRange(a, b);
