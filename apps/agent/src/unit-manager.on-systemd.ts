import { rm } from "node:fs/promises";
import { inspect } from "node:util";
import type { UnitName } from "@quarterdeck/model";
import { SystemdUnitManager } from "./systemd/systemd-unit-manager.ts";
import { DIRECTORIES, UnitFiles } from "./unit-files.ts";
import { unitManagerContract, type ContractCase, type ContractMachine } from "./unit-manager.contract.ts";

const CASE_MS = 20_000;
/** Not the agent's own folder: what nobody scheduled there, the agent of this machine would stop and remove. */
const UNITS = "/run/quarterdeck-contract";
/** systemd makes one for every template, and keeps it when its last instance is gone. */
const SLICE = "system-quarterdeck\\x2dcontract.slice" as UnitName;

const makeMachine = (): ContractMachine => {
  const manager = new SystemdUnitManager();
  return {
    manager,
    files: new UnitFiles({ units: UNITS, links: DIRECTORIES.links }),
    [Symbol.asyncDispose]: () => manager[Symbol.asyncDispose](),
  };
};

/** What went wrong, or `null`. */
async function failureOf(contractCase: ContractCase): Promise<string | null> {
  try {
    await using machine = makeMachine();
    await contractCase.run(machine, AbortSignal.timeout(CASE_MS));
    return null;
  } catch (error) {
    return inspect(error);
  }
}

async function cleanUp(): Promise<void> {
  await using machine = makeMachine();
  await machine.manager.stop(SLICE, AbortSignal.timeout(CASE_MS));
  await rm(UNITS, { recursive: true, force: true });
}

// The contract against the systemd that this process runs under; `tests/lab` bundles this file and runs it as root inside a machine. A line of
// JSON per case: {"name"} with `list`, which touches nothing, else {"name","failure"}.
const listOnly = process.argv.includes("list");
for (const contractCase of unitManagerContract) {
  const { name } = contractCase;
  const report = listOnly ? { name } : { name, failure: await failureOf(contractCase) };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
if (!listOnly) await cleanUp();
