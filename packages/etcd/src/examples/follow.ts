import { connectEtcd, put, remove, type Key, type KeyRange } from "@quarterdeck/etcd";
import { z } from "zod";

const state = z.object({ v: z.literal(1), active: z.boolean() });
type State = z.infer<typeof state>;
const at = (unit: string): Key<State> => ({ path: `states/${unit}`, schema: state });
const states: KeyRange<State, "unit"> = { path: "states/", segments: ["states", null], schema: state, names: ["unit"] };

const over = new AbortController();
const signal = AbortSignal.any([over.signal, AbortSignal.timeout(10_000)]);
await using etcd = await connectEtcd(
  { endpoints: [process.env["ETCD"] ?? "http://127.0.0.1:2379"], tls: null, prefix: "/example/" },
  signal,
);

// A mirror is a prefix held in memory: each answer is of one revision, and says how old it may be.
await using mirror = await etcd.mirror(["states/"], signal);

await etcd.transact(
  { when: [], then: [put(at("a.service"), { v: 1, active: true }), put(at("b.service"), { v: 1, active: false })] },
  signal,
);
await etcd.transact({ when: [], then: [remove(at("b.service"))] }, signal);

// Without `from` a follow begins with what is there; it begins anew, by a reset, whenever something may have been missed.
for await (const event of etcd.follow(["states/"], {}, signal)) {
  if (event.kind === "reset") {
    console.log(`reset: ${event.why}: ${event.snapshot.list(states).length} unit`);
    await etcd.transact({ when: [], then: [put(at("a.service"), { v: 1, active: false })] }, signal);
  } else {
    for (const { path, json } of event.changes) console.log(`change: ${path} ${json}`);
    break;
  }
}

for await (const _ of mirror.changes(signal)) if (mirror.get(at("a.service"))?.value.active === false) break;
console.log(
  `mirror: ${mirror.listWhere(states, { unit: "a.service" }).length} unit, current: ${mirror.ageMs() < 5_000}`,
);
over.abort();
