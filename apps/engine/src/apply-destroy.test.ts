import { keys } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { applyDestroy } from "./apply-destroy.ts";
import { name, serviceFacts, unitFacts, web } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const hello = name("hello.service");
const template = name("web@.service");
const replica = unitFacts({ origin: { kind: "replica", service: web, index: 1, release: 1 } });

test("destroy removes the unit under the revision that was seen", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts()));
  const decision = applyDestroy(view, { units: [hello, hello] });
  expect(decision.ok && decision.value.then).toEqual([{ kind: "delete", path: "units/hello.service" }]);
  expect(decision.ok && decision.value.when).toEqual([{ kind: "modRevision", path: "units/hello.service", is: 2n }]);
  expect(decision.ok && decision.value.changed).toEqual([hello]);
});

test("an unknown unit is not found", async () => {
  const decision = applyDestroy(await viewOf(), { units: [hello] });
  expect(!decision.ok && decision.error.code).toBe("NOT_FOUND");
});

test("a replica is refused", async () => {
  const view = await viewOf(stored(keys.unit(name("web@1.service")), replica));
  const decision = applyDestroy(view, { units: [name("web@1.service")] });
  expect(!decision.ok && decision.error.code).toBe("ENGINE_OWNED");
});

test("a service's template stays while replicas exist, and goes with its service when none do", async () => {
  const made = [stored(keys.unit(template), unitFacts()), stored(keys.service(web), serviceFacts())];
  const kept = applyDestroy(await viewOf(...made, stored(keys.unit(name("web@1.service")), replica)), {
    units: [template],
  });
  expect(!kept.ok && kept.error).toMatchObject({ code: "CONFLICT", try: expect.not.stringContaining("fleet remove") });
  const gone = applyDestroy(await viewOf(...made), { units: [template] });
  expect(gone.ok && gone.value.then.map(({ path }) => path)).toEqual(["units/web@.service", "services/web"]);
});
