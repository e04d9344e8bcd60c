import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeUnitManager } from "./fake-unit-manager.ts";
import { SystemdUnitManager } from "./systemd/systemd-unit-manager.ts";
import { UnitFiles } from "./unit-files.ts";
import { describeUnitManagerContract, type ContractMachine } from "./unit-manager.contract.ts";

describeUnitManagerContract("the fake", async (): Promise<ContractMachine> => {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-contract-"));
  const files = new UnitFiles({ units: join(dir, "units"), links: join(dir, "links") });
  const manager = new FakeUnitManager((unit) => {
    const path = join(dir, "links", unit);
    try {
      return { text: readFileSync(path, "utf8"), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  });
  return { manager, files, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
});

const runsSystemd = (): Promise<ContractMachine> => {
  const manager = new SystemdUnitManager();
  return Promise.resolve({
    manager,
    files: new UnitFiles(),
    [Symbol.asyncDispose]: () => manager[Symbol.asyncDispose](),
  });
};

// It starts and stops units of the systemd it finds, so it has to be asked for: inside a machine of the lab, as root.
const asked = process.env["QUARTERDECK_TEST_SYSTEMD"] === "1";
describeUnitManagerContract(
  "systemd (needs a lab machine: set QUARTERDECK_TEST_SYSTEMD=1 inside one)",
  asked ? runsSystemd : null,
);
