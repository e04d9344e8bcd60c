import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import type { ContainerImage } from "./container-images.ts";
import { planImageRemoval } from "./plan-image-removal.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const image = (id: string, names: readonly string[], inUse = false): ContainerImage => ({ id, names, inUse });

test.each<[readonly string[], string, boolean]>([
  [[`ghcr.io/acme/web@${DIGEST}`], `IMAGE=ghcr.io/acme/web@${DIGEST}`, false],
  [["ghcr.io/acme/web:1.9.0", `ghcr.io/acme/web@${DIGEST}`], `ghcr.io/acme/web@${DIGEST}`, false],
  [["nginx:latest"], "ExecStart=/usr/bin/docker run docker.io/library/nginx", false],
  [["docker.io/library/nginx:1.27"], "ExecStart=/usr/bin/docker run nginx:1.27", false],
  [["nginx:1.27"], "ExecStart=/usr/bin/docker run nginx:1.26", true],
  [["nginx:1.27"], "", true],
  [[], "anything", true],
])("an image called %j with a need for %j: goes is %s", (names, need, goes) => {
  expect(planImageRemoval([image("1", names)], [need])).toHaveLength(goes ? 1 : 0);
});

test("what has no name goes first, and each removal says why", () => {
  const plan = planImageRemoval([image("1", ["a:1", `a@${DIGEST}`]), image("2", [])], []);
  expect(plan.map(({ image: { id }, reason }) => [id, reason])).toEqual([
    ["2", "it has no name any more"],
    ["1", "no unit, no kept release and no container needs it"],
  ]);
});

const names = fc.array(fc.constantFrom("a:1", "a:2", "b:latest", "c:1"), { maxLength: 2 });
property.prop([
  fc.array(fc.record({ id: fc.string(), names, inUse: fc.boolean() })),
  fc.array(fc.constantFrom("run a:1", "run b", "run c:1 x")),
])("no image of a container goes, and none whose name is written in a need", (images, needs) => {
  for (const { image: gone } of planImageRemoval(images, needs)) {
    expect(gone.inUse).toBe(false);
    for (const name of gone.names)
      for (const need of needs) expect(need.endsWith(name) || need.includes(` ${name} `)).toBe(false);
  }
});
