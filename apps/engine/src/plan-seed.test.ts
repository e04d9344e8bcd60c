import { keys } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { hashText } from "./hash-text.ts";
import { planSeed, type SeedContent } from "./plan-seed.ts";
import { everything, name, unitFacts, WEB_TEXT, WORKER_TEXT } from "./testing/facts.ts";
import { moment } from "./testing/signing.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const content = (changes: Partial<SeedContent> = {}): SeedContent => ({
  policy: everything,
  seed: {
    v: 1,
    units: [
      { name: "bot@1.service", file: "bot@.service", target: "launched" },
      { name: "web@.service", file: "web@.service", target: "inactive" },
    ],
  },
  texts: new Map([
    ["bot@.service", WORKER_TEXT],
    ["web@.service", WEB_TEXT],
  ]),
  ...changes,
});

test("policy, units and services come in one transaction that no second engine can repeat", async () => {
  const planned = planSeed(await viewOf(), content(), moment);
  const writes = planned.ok
    ? Object.fromEntries(planned.value.then.map((put) => [put.path, put.kind === "put" ? JSON.parse(put.json) : null]))
    : {};
  expect(writes["policy"]).toEqual(everything);
  expect(writes["units/bot@1.service"]).toMatchObject({ target: "launched", hash: hashText(WORKER_TEXT) });
  expect(writes["units/web@.service"]).toMatchObject({ target: "inactive" });
  expect(writes["services/web"]).toMatchObject({ release: null });
  expect(writes["audit/000000000001"]).toMatchObject({ act: "seed", actor: null });
  expect(planned.ok && planned.value.when).toContainEqual({ kind: "absent", path: "policy" });
});

test("a unit that exists keeps its text and target", async () => {
  const view = await viewOf(stored(keys.unit(name("bot@1.service")), unitFacts({ target: "loaded" })));
  const planned = planSeed(view, content(), moment);
  expect(planned.ok && planned.value.then.map(({ path }) => path)).not.toContain("units/bot@1.service");
});

test("a seed that names a missing file is refused as a whole", async () => {
  const planned = planSeed(await viewOf(), content({ texts: new Map() }), moment);
  expect(!planned.ok && planned.error).toMatchObject({ code: "INVALID_CONFIG" });
});
