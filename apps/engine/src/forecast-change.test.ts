import { keys, put } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { createClusterDeriver } from "./cluster-deriver.ts";
import { forecastChange } from "./forecast-change.ts";
import { hashText } from "./hash-text.ts";
import { createLossWatch } from "./loss-watch.ts";
import { HELLO_TEXT, M1, name, presenceFacts, unitFacts } from "./testing/facts.ts";
import { moment } from "./testing/signing.ts";
import { stored, viewOf } from "./testing/view-of.ts";

test("what is planned without the change is no part of what the change leads to", async () => {
  const view = await viewOf(
    stored(keys.unitFile(hashText(HELLO_TEXT)), { v: 1, text: HELLO_TEXT }),
    stored(keys.presence(M1), presenceFacts(M1)),
    stored(keys.unit(name("a.service")), unitFacts({ target: "launched" })),
  );
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const derive = createClusterDeriver(createLossWatch({ graceMs: 1_000, ttlMs: 10_000 }), 3_000, log);
  const pass = { ...moment, view, elapsed: 0, mirrorAgeMs: 0 };
  const change = [put(keys.unit(name("b.service")), unitFacts({ target: "launched" }))];
  expect(forecastChange(pass, change, derive)).toMatchObject([{ step: "place", units: ["b.service"], to: M1 }]);
});
