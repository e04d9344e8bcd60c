import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeUnitManager } from "./fake-unit-manager.ts";
import { UnitFiles } from "./unit-files.ts";
import type { ContractMachine } from "./unit-manager.contract.ts";
import { describeUnitManagerContract } from "./unit-manager.suite.ts";

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
