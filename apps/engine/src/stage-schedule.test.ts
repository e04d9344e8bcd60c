import { keys } from "@quarterdeck/etcd";
import type { UnitStatus } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { createClusterDeriver } from "./cluster-deriver.ts";
import { hashText } from "./hash-text.ts";
import { createLossWatch } from "./loss-watch.ts";
import { createScheduleStage } from "./stage-schedule.ts";
import { entryFacts, M1, M2, name, NOW, presenceFacts, stateFacts, unitFacts } from "./testing/facts.ts";
import { engineSigner } from "./testing/signing.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const TEXT = "[Service]\nExecStart=/bin/false\n[X-Fleet]\nReschedule=failed\n";
const a = name("a.service");

test("a unit that waits for its back-off wakes the leader when that is over", async () => {
  const hash = hashText(TEXT);
  const first = await viewOf(
    stored(keys.unitFile(hash), { v: 1, text: TEXT }),
    stored(keys.unit(a), unitFacts({ hash, target: "launched" })),
  );
  const incarnation = String(first.get(keys.unit(a))?.createRevision) as UnitStatus["incarnation"];
  const status: UnitStatus = {
    v: 1,
    incarnation,
    phase: "placed",
    machine: M1,
    reason: {
      code: "WAITS_FOR_BACKOFF",
      text: "a.service failed for good on m1; move 2 is due at 2026-11-24T00:00:06.000Z",
    },
    refusals: [],
    since: new Date(NOW - 4000).toISOString() as UnitStatus["since"],
    failures: {
      generation: 1,
      count: 1,
      machines: [M2],
      at: new Date(NOW - 4000).toISOString() as UnitStatus["since"],
    },
  };
  const view = await viewOf(
    stored(keys.unitFile(hash), { v: 1, text: TEXT }),
    stored(keys.unit(a), unitFacts({ hash, target: "launched" })),
    stored(keys.status(a), status),
    stored(keys.presence(M1), presenceFacts(M1)),
    stored(keys.presence(M2), presenceFacts(M2)),
    stored(keys.schedule(M1, a), entryFacts({ incarnation, hash })),
    stored(keys.state(M1, a), stateFacts({ incarnation, hash, active: "failed", sub: "failed", entryRevision: "99" })),
  );
  const derive = createClusterDeriver(createLossWatch({ graceMs: 1000, ttlMs: 10_000 }), 3_333, silent);
  const outcome = createScheduleStage(derive, silent).plan({
    view,
    now: NOW,
    elapsed: 50_000,
    mirrorAgeMs: 0,
    signer: engineSigner(0),
  });
  expect(outcome.dueAt).toBe(56_000);
});
