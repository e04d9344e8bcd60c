import { describe, test } from "vitest";
import { unitManagerContract, type ContractMachine } from "./unit-manager.contract.ts";

/** {@link unitManagerContract} as a suite of vitest, on a new machine for each case. */
export function describeUnitManagerContract(name: string, makeMachine: () => Promise<ContractMachine>): void {
  describe(name, () => {
    for (const contractCase of unitManagerContract)
      test(contractCase.name, async ({ signal }) => {
        await using machine = await makeMachine();
        await contractCase.run(machine, signal);
      });
  });
}
