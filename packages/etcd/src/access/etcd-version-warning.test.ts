import { expect, test } from "vitest";
import { etcdVersionWarning } from "./etcd-version-warning.ts";

test.each(["3.5.33", "3.5.40", "3.6.14", "3.6.16", "3.7.1", "3.8.0", "4.0.0", "3.6.14-rc.1"])(
  "etcd %s holds users to their keys",
  (version) => {
    expect(etcdVersionWarning(version)).toBeNull();
  },
);

test.each(["3.4.23", "3.4.99", "3.5.32", "3.5.0", "3.6.13", "3.7.0", "3.3.27", "2.3.8"])(
  "etcd %s does not, and the warning names it, what follows and what to run",
  (version) => {
    expect(etcdVersionWarning(version)).toMatch(`etcd ${version} does not hold users to their keys`);
    expect(etcdVersionWarning(version)).toMatch("3.6.14");
  },
);

test.each(["", "latest", "3.6", "not 3.6.16"])("an unknown version %j is no good version", (version) => {
  expect(etcdVersionWarning(version)).not.toBeNull();
});
