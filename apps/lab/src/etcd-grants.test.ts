import { expect, test } from "vitest";
import { etcdGrants } from "./etcd-grants.ts";

const MACHINE = `machine:${"a".repeat(32)}`;

/** The ranges a user may write, by the roles it has. */
function writable(user: string, principals: readonly string[]): readonly (readonly [string, string])[] {
  const grants = etcdGrants(principals, "/quarterdeck/");
  const roles = grants.flatMap((grant) => (grant.kind === "member" && grant.user === user ? [grant.role] : []));
  return grants.flatMap((grant) => (grant.kind === "permission" && grant.access === "readwrite" && roles.includes(grant.role) ? [[grant.from, grant.to] as const] : []));
}

const mayWrite = (user: string, key: string): boolean => writable(user, [MACHINE, "operator:anna"]).some(([from, to]) => from <= key && key < to);

test.each([
  [MACHINE, `/quarterdeck/agents/${"a".repeat(32)}/presence`, true],
  [MACHINE, `/quarterdeck/agents/${"b".repeat(32)}/presence`, false],
  [MACHINE, "/quarterdeck/units/x.service", false],
  ["operator:anna", "/quarterdeck/requests/operator:anna/1", true],
  ["operator:anna", "/quarterdeck/requests/operator:bob/1", false],
  ["operator:anna", "/quarterdeck/policy", false],
  ["operator:anna", "/greeting", true],
  ["operator:anna", "/zebra", true],
  ["bot", "/quarterdeck/bot/cursor", true],
  ["bot", "/quarterdeck/schedule/x", false],
  ["engine", "/quarterdeck/schedule/x", true],
  ["engine", "/greeting", false],
])("%s writes %s: %s", (user, key, answer) => {
  expect(mayWrite(user, key)).toBe(answer);
});

test("a role is made before anything is granted to it or by it", () => {
  const made = new Set<string>();
  for (const grant of etcdGrants([MACHINE], "/quarterdeck/")) {
    if (grant.kind === "role") made.add(grant.role);
    else if (grant.kind !== "user") expect(made).toContain(grant.role);
  }
});
