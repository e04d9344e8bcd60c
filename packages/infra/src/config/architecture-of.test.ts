import { expect, test } from "vitest";
import { architectureOf } from "./architecture-of.ts";

test.each([
  "t4g.small",
  "m7gd.large",
  "c7gn.4xlarge",
  "im4gn.large",
  "is4gen.medium",
  "g5g.xlarge",
  "a1.medium",
  "hpc7g.4xlarge",
])("%s is arm64", (type) => expect(architectureOf(type)).toBe("arm64"));

test.each([
  "t3.small",
  "t3a.small",
  "m7i-flex.large",
  "g4dn.xlarge",
  "g6.2xlarge",
  "gr6.4xlarge",
  "i7ie.large",
  "u-6tb1.metal",
])("%s is x86_64", (type) => expect(architectureOf(type)).toBe("x86_64"));
