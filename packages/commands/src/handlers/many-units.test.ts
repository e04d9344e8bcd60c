import type { Operation } from "@quarterdeck/etcd";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { clusterOf, HASH, M1, M2, machine, state, unit, unitFile } from "../testing/seed-cluster.ts";

const signal = new AbortController().signal;
const TEXT = "[Service]\nExecStart=/bin/true\n";

test("fleet #1072: the journal of a Global unit is asked for by its machine, and the refusal names each copy and what to type", async () => {
  const everywhere = "everywhere.service" as UnitName;
  const cluster = await clusterOf(
    machine(M1),
    machine(M2),
    unit(everywhere),
    unitFile(HASH, `${TEXT}[X-Fleet]\nGlobal=true\n`),
    state(M1, everywhere),
    state(M2, everywhere),
  );
  const context = fakeContext(cluster);
  const refused = await run(context, "journal", everywhere);
  expect(refused.view.exitCode).toBe(2);
  expect(codeOf(refused.view)).toBe("USAGE");
  expect(textOf(refused.view)).toContain("everywhere.service on m1, everywhere.service on m2");
  expect(textOf(refused.view)).toContain("fleet journal everywhere.service --machine m1");
  const chosen = await run(context, "journal", everywhere, "--machine", "m2");
  expect(chosen.view).toMatchObject({ exitCode: 0, json: { unit: everywhere, machine: M2 } });
});

test("fleet #1455: of five thousand units one is shown alone, and the list has every one of them once", async () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `unit-${index}.service` as UnitName);
  const cluster = await clusterOf(machine(M1), unitFile(HASH, TEXT));
  for (let first = 0; first < names.length; first += 60) {
    const then = names.slice(first, first + 60).flatMap((name): readonly Operation[] => [unit(name), state(M1, name)]);
    await cluster.transact({ when: [], then: [...then] }, signal);
  }
  const context = fakeContext(cluster);
  const one = await run(context, "status", "unit-4242.service");
  expect(one.view.exitCode).toBe(0);
  expect(textOf(one.view)).toContain("unit-4242.service");
  expect(textOf(one.view)).not.toContain("unit-4241");
  const all = await run(context, "list-units");
  expect((all.view.json as readonly { unit: string }[]).map(({ unit: each }) => each).toSorted()).toEqual(
    names.toSorted(),
  );
});
