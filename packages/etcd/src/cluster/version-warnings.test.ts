import { expect, test } from "vitest";
import { etcdVersionWarning } from "../access/etcd-version-warning.ts";
import { fakeMember } from "../testing/fake-member.ts";
import { versionWarnings } from "./version-warnings.ts";

const { signal } = new AbortController();
const member = (name: string | null, version: string) => fakeMember({ name, warning: etcdVersionWarning(version) });

test("what is wrong with several members is said once, with their names; good ones are not spoken of", async () => {
  const health = async () => [
    member("m1", "3.4.23"),
    member("m2", "3.6.16"),
    member("m3", "3.4.23"),
    member(null, "3.5.1"),
  ];
  const warnings = await versionWarnings({ health }, signal);
  expect(warnings).toEqual([
    expect.stringMatching(/^m1, m3: etcd 3\.4\.23 does not hold users to their keys/),
    expect.stringMatching(/^memory:: etcd 3\.5\.1 does not hold/),
  ]);
});
