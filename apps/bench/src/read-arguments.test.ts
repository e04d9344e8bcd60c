import { CodedError } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { BENCHMARKS, readArguments } from "./read-arguments.ts";

test("without a name all benchmarks run, with names those, in their own order", () => {
  expect(readArguments([]).benchmarks).toEqual(BENCHMARKS);
  expect(readArguments(["etcd", "planner", "etcd"]).benchmarks).toEqual(["planner", "etcd"]);
  expect(readArguments(["etcd", "-o", "json", "--rounds", "3"])).toMatchObject({
    benchmarks: ["etcd"],
    asJson: true,
    rounds: 3,
  });
});

test.each([
  { argv: ["etdc"], says: 'there is no benchmark "etdc"' },
  { argv: ["-o", "yaml"], says: 'json, not "yaml"' },
  { argv: ["--rounds", "0"], says: "from 1 to 99" },
  { argv: ["--rounds", "100"], says: "from 1 to 99" },
  { argv: ["--rounds", "2.5"], says: "from 1 to 99" },
  { argv: ["agents", "--agents", "5001"], says: "--agents takes a number from 4 to 5000" },
  { argv: ["agents", "--units", "many"], says: "--units takes a number from 4 to 100000" },
  { argv: ["--fast"], says: "--fast" },
])("$argv is refused in a line that names it", ({ argv, says }) => {
  const refused = (): unknown => readArguments(argv);
  expect(refused).toThrow(says);
  expect(refused).toThrow(CodedError);
});
