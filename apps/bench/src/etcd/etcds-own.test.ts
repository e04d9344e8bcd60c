import { expect, test } from "vitest";
import { checkPerfLines, requestsPerSecond } from "./etcds-own.ts";

test("of etcdctl's check its verdicts are kept and its progress bar is not", () => {
  const output =
    " 59 / 60 Booo  98.33%\r 60 / 60 Boooo 100.00% 1m0s\nPASS: Throughput is 150 writes/s\nSlowest request took too long: 0.9s\nFAIL\n";
  expect(checkPerfLines(output)).toEqual([
    "PASS: Throughput is 150 writes/s",
    "Slowest request took too long: 0.9s",
    "FAIL",
  ]);
});

test("a tool that says something else is quoted", () => {
  expect(checkPerfLines("Error: no such flag\n")).toEqual(["Error: no such flag"]);
  expect(requestsPerSecond("usage\nunknown command")).toBe("unknown command");
  expect(requestsPerSecond("Summary:\n  Total:\t2 secs.\n  Requests/sec:\t7317.5391\n")).toBe("7318 puts a second");
});
