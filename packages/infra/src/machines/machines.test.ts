import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG } from "../config/schema.ts";
import { chooseZones } from "./choose-zones.ts";
import { renderEtcdConfig } from "./etcd-config.ts";

const offering = ["us-east-1d", "us-east-1c", "us-east-1a", "us-east-1b"];

describe("the zones of a cluster", () => {
  test("are the first three by name that offer the instance type, in whatever order AWS says them", () => {
    const zones = { ok: true, value: ["us-east-1a", "us-east-1b", "us-east-1c"] };
    expect(chooseZones(DEFAULT_CONFIG, offering)).toEqual(zones);
    expect(chooseZones(DEFAULT_CONFIG, offering.toReversed())).toEqual(zones);
  });

  test("are those that are configured, in their order", () => {
    const zones = ["us-east-1d", "us-east-1b", "us-east-1a"];
    expect(chooseZones({ ...DEFAULT_CONFIG, zones }, offering)).toEqual({ ok: true, value: zones });
  });

  test.each([
    [{ zones: ["us-east-1e", "us-east-1a", "us-east-1b"] }, offering, "zones: us-east-1e does not offer t3.small"],
    [{}, [], "instanceType: no zone of the region offers t3.small"],
    [{}, ["us-west-1a", "us-west-1c"], "zones: 2 cannot hold 3 members"],
  ])("are refused for %j where %j offer the type", (change, offered, message) => {
    expect(chooseZones({ ...DEFAULT_CONFIG, ...change }, offered)).toEqual({
      ok: false,
      error: expect.objectContaining({
        code: "INVALID_CONFIG",
        message: expect.stringContaining(message),
        try: expect.any(String),
      }),
    });
  });
});

test("an etcd machine's config says who it is and what it needs to boot, and holds no secret", () => {
  const members = [
    { id: "a", zone: "us-east-1a" },
    { id: "b", zone: "us-east-1b" },
  ] as const;
  const text = renderEtcdConfig({
    cluster: "prod",
    member: members[0],
    members,
    bucket: "prod-b",
    region: "us-east-1",
    sshAuthorizedKeys: ["ssh-ed25519 AAAA me"],
  });
  const config = JSON.parse(text) as { storage: { files: { path: string; contents: { source: string } }[] } };
  const boot = config.storage.files.find(({ path }) => path === "/etc/quarterdeck/boot.json");
  expect(JSON.parse(decodeURIComponent((boot?.contents.source ?? "").slice("data:,".length)))).toEqual({
    cluster: "prod",
    member: "a",
    zone: "us-east-1a",
    region: "us-east-1",
    bucket: "prod-b",
    members: [
      { name: "etcd-a.prod.internal", peerUrl: "https://etcd-a.prod.internal:2380" },
      { name: "etcd-b.prod.internal", peerUrl: "https://etcd-b.prod.internal:2380" },
    ],
  });
  expect(text).not.toMatch(/PRIVATE KEY|xoxb|xapp/);
});
