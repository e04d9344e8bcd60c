import { expect, test } from "vitest";
import { imageQuery } from "./image-query.ts";

test.each([
  [{ os: "flatcar", channel: "stable", architecture: "x86_64" }, "075585003325", "name", "Flatcar-stable-*"],
  [{ os: "flatcar", channel: "lts", architecture: "arm64" }, "075585003325", "name", "Flatcar-lts-*"],
  [
    { os: "fedora-coreos", channel: "testing", architecture: "arm64" },
    "125523088429",
    "description",
    "Fedora CoreOS testing *",
  ],
] as const)("the image of %j is asked for by publisher, channel and architecture", (config, owner, field, pattern) => {
  const query = imageQuery(config);
  expect(query.owner).toBe(owner);
  expect(query.filters).toContainEqual({ name: field, values: [pattern] });
  // Flatcar's pattern alone names both architectures.
  expect(query.filters).toContainEqual({ name: "architecture", values: [config.architecture] });
});
