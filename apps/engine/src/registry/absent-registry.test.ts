import { expect, test } from "vitest";
import { absentRegistry } from "./absent-registry.ts";

test("where there is no registry a deploy is refused with the reason, and nobody is asked", async () => {
  const answer = await absentRegistry("plain processes run no containers").pin(
    "registry.lab:5000/web",
    "1.1.0",
    new AbortController().signal,
  );
  expect(answer).toMatchObject({
    ok: false,
    error: {
      code: "REGISTRY_UNREACHABLE",
      message: "nobody can be asked for version 1.1.0 of registry.lab:5000/web",
      why: "plain processes run no containers",
    },
  });
});
