import { beforeAll, describe, expect, test } from "vitest";
import { theLab } from "./lab-handle.ts";
import { loadUnitManagerContract, type ContractReport } from "./unit-manager-contract.ts";

const contract = await loadUnitManagerContract();

describe("the contract of the unit manager, on a machine's systemd", () => {
  let report: ContractReport;

  beforeAll(async () => {
    await theLab.settled(90_000);
    report = await contract.runInside("m1");
  });

  test.each(contract.names)("%s", (name) => {
    const failure = report.failures.get(name);
    if (failure === undefined) expect.fail(`nothing was said of this case; the program ${report.ending}`);
    expect(failure).toBeNull();
  });

  test("nothing of it is left on the machine", async () => {
    const nothing = { code: 0, stdout: "" };
    const units = ["systemctl", "list-units", "--all", "--plain", "--no-legend", "*quarterdeck*contract*"] as const;
    expect(await theLab.inside("m1", ...units)).toMatchObject(nothing);
    expect(await theLab.inside("m1", "find", "/run", "-name", "*quarterdeck*contract*")).toMatchObject(nothing);
  });
});
