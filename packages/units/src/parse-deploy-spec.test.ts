import type { UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { parseDeploySpec } from "./parse-deploy-spec.ts";
import { parseUnitFile } from "./parse-unit-file.ts";

function deploy(lines: string, name = "web@.service") {
  const document = parseUnitFile(lines === "" ? "[Service]\n" : `[X-Deploy]\n${lines}\n`);
  if (!document.ok) throw new Error(document.error.message);
  return parseDeploySpec(document.value, name as UnitName);
}

describe("[X-Deploy]", () => {
  test("a unit without the section is not a service", () => {
    expect(deploy("")).toEqual({ ok: true, value: null });
  });

  test("has a default for everything but the image", () => {
    expect(deploy("Image=ghcr.io/acme/web")).toEqual({
      ok: true,
      value: {
        image: "ghcr.io/acme/web",
        replicas: 1,
        healthCheck: null,
        maxParallel: 1,
        canary: 0,
        minHealthySeconds: 10,
        healthyDeadlineSeconds: 30,
        progressDeadlineSeconds: 600,
        autoRevert: false,
      },
    });
  });

  test("reads every key", () => {
    const text =
      "Image=nginx\nReplicas=3\nHealthCheck=http://localhost:8080/healthz\nMaxParallel=2\nCanary=1\nMinHealthySec=500ms\nHealthyDeadlineSec=1min 30s\nProgressDeadlineSec=1h\nAutoRevert=yes";
    expect(deploy(text)).toMatchObject({
      ok: true,
      value: {
        image: "docker.io/library/nginx",
        replicas: 3,
        healthCheck: "http://localhost:8080/healthz",
        maxParallel: 2,
        canary: 1,
        minHealthySeconds: 0.5,
        healthyDeadlineSeconds: 90,
        progressDeadlineSeconds: 3600,
        autoRevert: true,
      },
    });
  });

  test("reads how a health check is asked; what is not said of it is as ever", () => {
    const lines = "Image=a.b/c\nHealthCheck=systemd\nHealthTimeoutSec=500ms\nHealthyThreshold=2";
    expect(deploy(lines)).toMatchObject({
      value: {
        healthTiming: { intervalSeconds: 5, timeoutSeconds: 0.5, healthyThreshold: 2, unhealthyThreshold: 3 },
      },
    });
    expect(deploy(`${lines}\nHealthIntervalSec=1min\nHealthyThreshold=3\nUnhealthyThreshold=1`)).toMatchObject({
      value: {
        healthTiming: { intervalSeconds: 60, timeoutSeconds: 0.5, healthyThreshold: 3, unhealthyThreshold: 1 },
      },
    });
    const reset = deploy("Image=a.b/c\nHealthCheck=systemd\nHealthyThreshold=2\nHealthyThreshold=");
    expect(reset.ok && reset.value !== null && "healthTiming" in reset.value).toBe(false);
  });

  test("the last value wins, and an empty one brings the default back", () => {
    expect(deploy("Image=a.b/c\nReplicas=3\nReplicas=5")).toMatchObject({ value: { replicas: 5 } });
    expect(deploy("Image=a.b/c\nReplicas=3\nReplicas=")).toMatchObject({ value: { replicas: 1 } });
  });

  test("specifiers in the health check are kept for the template and expanded for an instance", () => {
    const lines = "Image=a.b/c\nHealthCheck=tcp://localhost:808%i";
    expect(deploy(lines)).toMatchObject({ ok: true, value: { healthCheck: "tcp://localhost:808%i" } });
    expect(deploy(lines, "web@3.service")).toMatchObject({ ok: true, value: { healthCheck: "tcp://localhost:8083" } });
  });

  test.each([
    ["Replicas=3", /^line 1, column 1: \[X-Deploy\] has no Image=/],
    ["Image=ghcr.io/acme/web:1.0.0", /has a tag or digest/],
    [`Image=a.b/c@sha256:${"a".repeat(64)}`, /has a tag or digest/],
    ["Image=UPPER/x", /is not an image repository/],
    ["Image=-v/etc", /is not an image repository/],
    ["Image=a b", /is not an image repository/],
    ["Image=a.b/c\nReplicas=0", /^line 3, column 1: Replicas=: "0" is not a whole number from 1 to 1000/],
    ["Image=a.b/c\nReplicas=1e3", /is not a whole number/],
    ["Image=a.b/c\nReplicas=-1", /is not a whole number/],
    ["Image=a.b/c\nMaxParallel=50%", /is not a whole number/],
    ["Image=a.b/c\nCanary=2", /Canary=2 is more than Replicas=1/],
    ["Image=a.b/c\nMinHealthySec=soon", /is not a time span/],
    ["Image=a.b/c\nHealthyDeadlineSec=0", /no time at all/],
    ["Image=a.b/c\nHealthCheck=ftp://x/", /is not a health check/],
    ["Image=a.b/c\nHealthCheck=http://x/%zz", /is not one of the specifiers/],
    [
      "Image=a.b/c\nHealthCheck=systemd\nHealthIntervalSec=500ms",
      /^line 4, column 1: HealthIntervalSec=: "500ms" is not from 1 to/,
    ],
    ["Image=a.b/c\nHealthCheck=systemd\nHealthIntervalSec=2h", /is not from 1 to 3600 seconds/],
    ["Image=a.b/c\nHealthCheck=systemd\nHealthTimeoutSec=0", /is not from 0.1 to 60 seconds/],
    ["Image=a.b/c\nHealthCheck=systemd\nHealthTimeoutSec=infinity", /is not a time span/],
    ["Image=a.b/c\nHealthCheck=systemd\nHealthyThreshold=0", /is not a whole number from 1 to 100/],
    ["Image=a.b/c\nHealthCheck=systemd\nUnhealthyThreshold=101", /is not a whole number from 1 to 100/],
    [
      "Image=a.b/c\nUnhealthyThreshold=2",
      /^line 3, column 1: UnhealthyThreshold= is about a check, and there is no HealthCheck=/,
    ],
    [
      "Image=a.b/c\nHealthCheck=systemd\nHealthIntervalSec=1min\nHealthyThreshold=4",
      /^line 4, column 1: 4 good answers take 36 s at least, and HealthyDeadlineSec= is 30 s/,
    ],
    ["Image=a.b/c\nHealthInterval=2s", /unknown key HealthInterval in/],
    ["Image=a.b/c\nAutoRevert=perhaps", /neither true nor false/],
    ["Image=a.b/c\nReplica=2", /unknown key Replica in \[X-Deploy\]/],
  ])("%j is refused", (lines, message) => {
    const result = deploy(lines);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.error.message).toMatch(message);
  });

  test.each(["web.service", "web@.socket"])("is refused in %s", (name) => {
    expect(deploy("Image=a.b/c", name)).toMatchObject({ ok: false, error: { code: "INVALID_UNIT" } });
  });
});
