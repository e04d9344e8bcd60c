import { expect, test } from "vitest";
import { program } from "./index.ts";

test("`pulumi up` says that it is not there yet, and what works instead", () => {
  expect(program).toThrow(expect.objectContaining({ code: "NOT_YET", exitCode: 2 }));
  expect(program).toThrow(/does not make a cluster yet/);
});
