import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { chooseVolume, type Volume, type VolumeHolder, type VolumeWish } from "./choose-volume.ts";

const wish: VolumeWish = { cluster: "prod", member: "a", zone: "us-east-1a", instance: "i-1" };
const tagsOf = (cluster: string, part: string, member: string) => ({
  "quarterdeck:cluster": cluster,
  "quarterdeck:part": part,
  "quarterdeck:member": member,
});
const volume = (change: Partial<Volume> = {}): Volume => ({
  id: "vol-a",
  zone: "us-east-1a",
  tags: tagsOf("prod", "etcd", "a"),
  state: "available",
  attachedTo: [],
  ...change,
});
const heldBy = (instance: string, state: VolumeHolder["state"] = "running") =>
  volume({ state: "in-use", attachedTo: [{ instance, state }] });

const decoys: readonly Volume[] = [
  volume({ id: "vol-other-member", tags: tagsOf("prod", "etcd", "b") }),
  volume({ id: "vol-other-cluster", tags: tagsOf("prod2", "etcd", "a") }),
  volume({ id: "vol-other-part", tags: tagsOf("prod", "worker", "a") }),
  volume({ id: "vol-other-zone", zone: "us-east-1b" }),
  volume({ id: "vol-name-only", tags: { Name: "prod-etcd-a-data" } }),
  volume({ id: "vol-case", tags: tagsOf("Prod", "etcd", "a") }),
  volume({ id: "vol-no-member", tags: { "quarterdeck:cluster": "prod", "quarterdeck:part": "etcd" } }),
  volume({ id: "vol-going", state: "deleting" }),
  volume({ id: "vol-gone", state: "deleted" }),
  volume({ id: "vol-broken", state: "error" }),
];

describe("a member's disk", () => {
  property.prop([fc.shuffledSubarray([...decoys, volume()])])("is never one that only looks like it", (volumes) => {
    const chosen = chooseVolume(volumes, wish);
    const isThere = volumes.some(({ id }) => id === "vol-a");
    expect(chosen).toEqual(
      isThere
        ? { ok: true, value: { kind: "attach", volume: "vol-a" } }
        : { ok: false, error: expect.objectContaining({ code: "NOT_FOUND" }) },
    );
  });

  test.each([
    ["is attached when nobody has it", volume(), { kind: "attach", volume: "vol-a" }],
    ["is used when this machine has it", heldBy("i-1"), { kind: "use", volume: "vol-a" }],
    [
      "is waited for while it is made",
      volume({ state: "creating" }),
      { kind: "wait", volume: "vol-a", reason: "the disk is being made" },
    ],
    [
      "is detached from a machine that is gone",
      heldBy("i-0", "terminated"),
      { kind: "detach", volume: "vol-a", from: "i-0" },
    ],
    [
      "is detached from a machine that is off",
      heldBy("i-0", "stopped"),
      { kind: "detach", volume: "vol-a", from: "i-0" },
    ],
    [
      "is waited for while its machine goes down",
      heldBy("i-0", "shutting-down"),
      { kind: "wait", volume: "vol-a", reason: "i-0 is going down" },
    ],
    [
      "is never taken from a machine that runs",
      heldBy("i-0"),
      { kind: "wait", volume: "vol-a", reason: "i-0 runs with it" },
    ],
    [
      "is never taken from a machine that starts",
      heldBy("i-0", "pending"),
      { kind: "wait", volume: "vol-a", reason: "i-0 runs with it" },
    ],
  ])("%s", (_what, found, value) => {
    expect(chooseVolume([...decoys, found], wish)).toEqual({ ok: true, value });
  });

  test("is not guessed among two, and a person is told which", () => {
    expect(chooseVolume([volume(), volume({ id: "vol-b" })], wish)).toEqual({
      ok: false,
      error: expect.objectContaining({ code: "CONFLICT", message: expect.stringContaining("vol-a, vol-b") }),
    });
  });

  test("that is in another zone is named as the reason why there is none", () => {
    expect(chooseVolume(decoys, wish)).toMatchObject({
      ok: false,
      error: { why: "vol-other-zone is the member's, but in us-east-1b: no machine of us-east-1a can reach it" },
    });
  });
});
