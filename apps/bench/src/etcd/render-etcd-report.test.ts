import { expect, test } from "vitest";
import type { Result } from "./race.ts";
import { renderEtcdReport } from "./render-etcd-report.ts";

const result = (title: string, median: number): Result => ({
  title,
  rival: "etcd3",
  metric: { name: "ms for all of them", better: "less" },
  ours: { median: 12_345.67, min: 11_111.1, max: 23_456.7 },
  theirs: { median: 12.345, min: 9.8, max: 99.9 },
  cost: { median, min: 0.5, max: 12.5 },
});

const report = (results: readonly Result[]): string =>
  renderEtcdReport({
    ground: { cores: 2, memoryGiB: 24, node: "26.10.0", etcd: "3.6.16", inMemory: false },
    rounds: 7,
    results,
    limit: "fails: 8 RESOURCE_EXHAUSTED: Received message larger than max (22077811 vs 4194304)",
    own: [{ tool: "etcdctl check perf", said: "PASS: Throughput is 150 writes/s" }],
  });

test("a report fits into 80 columns, and its columns stay apart", () => {
  const lines = report([result("1,000 puts at once", 1.05), result("event latency, one follower", 1.1)]).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toContain("  ms for all of them  12346 (11111-23457)     12.3 (9.8-99.9)  1.05 (0.50-12.50)");
  expect(lines).toContain("etcd 3.6.16, its data on disk with fsync; Node 26.10.0");
  expect(lines).toContain("Ours is nowhere more than 10 % slower.");
});

test("what is more than ten percent slower is named at the end, and so is what could not be measured", () => {
  const text = report([result("fast", 0.2), result("slow", 1.11), result("odd", Number.NaN)]);
  expect(text).toContain("More than 10 % slower:\n  slow, ms for all of them: 1.11 of etcd3\n  odd,");
  expect(text).not.toContain("  fast, ms");
});
