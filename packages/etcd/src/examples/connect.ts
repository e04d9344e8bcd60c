import { changeValue, compareAndSet, connectEtcd, type Key, type KeyRange } from "@quarterdeck/etcd";
import { z } from "zod";

// A key is a path and the schema of its value. Values are JSON, checked on the way in and on the way out.
const machine = z.object({ v: z.literal(1), rack: z.string(), units: z.int() });
type Machine = z.infer<typeof machine>;
const at = (name: string): Key<Machine> => ({ path: `machines/${name}`, schema: machine });
const all: KeyRange<Machine> = { path: "machines/", segments: ["machines", null], schema: machine };

const signal = AbortSignal.timeout(10_000);
await using etcd = await connectEtcd(
  { endpoints: [process.env["ETCD"] ?? "http://127.0.0.1:2379"], tls: null, prefix: "/example/" },
  signal,
);

// Only where nothing stands yet.
const first = await compareAndSet(etcd, at("m1"), { expected: null, value: { v: 1, rack: "a", units: 0 } }, signal);
const again = await compareAndSet(etcd, at("m1"), { expected: null, value: { v: 1, rack: "b", units: 0 } }, signal);
console.log(`first: ${first.set}, again: ${again.set}`);

// Read, change, write; once more from the start where somebody else was faster.
const more = (before: Machine | null): Machine => ({ v: 1, rack: "b", ...before, units: (before?.units ?? 0) + 1 });
await Promise.all([changeValue(etcd, at("m1"), more, signal), changeValue(etcd, at("m1"), more, signal)]);

const { entries } = await etcd.list(all, signal);
for (const { names, value } of entries) console.log(`${names[0]}: rack ${value.rack}, ${value.units} units`);
