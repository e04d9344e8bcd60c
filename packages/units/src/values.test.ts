import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseHealthCheck } from "./parse-health-check.ts";
import { imageByDigest, imageByTag, parseImage } from "./parse-image.ts";
import { parseTimeSpan } from "./parse-time-span.ts";
import { parseVersion } from "./parse-version.ts";

const RUNS = 500;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

describe("time spans are systemd's", () => {
  test.each<[string, number]>([
    ["2 h", 7200],
    ["2hours", 7200],
    ["48hr", 172_800],
    ["1y 12month", 63_115_200],
    ["55s500ms", 55.5],
    ["300ms20s 5day", 432_020.3],
    ["30", 30],
    ["1.5min", 90],
    ["1M", 2_629_800],
    ["1m", 60],
    ["5us", 5e-6],
    ["5µs", 5e-6],
    [" 10s ", 10],
    ["0", 0],
  ])("%j is %d s", (text, seconds) => {
    const parsed = parseTimeSpan(text);
    expect(parsed.ok && parsed.value).toBeCloseTo(seconds, 6);
  });

  test.each(["", " ", "s", "-5s", "5 parsecs", "infinity", "1,5s", "5s x", "1e3", "10S"])("%j is refused", (text) => {
    expect(parseTimeSpan(text)).toMatchObject({ ok: false, error: { code: "INVALID_UNIT" } });
  });
});

describe("a version is an image tag", () => {
  test.each(["1.9.0", "latest", "_x", "1.0.0-rc.1", "a".repeat(128)])("%s is one", (text) => {
    expect(parseVersion(text)).toEqual({ ok: true, value: text });
  });

  test.each(["", "-1", ".1", "1 0", "1.0;reboot", "1/0", "1:0", "$(id)", "a".repeat(129), "1\n", "é", "1@sha256:a"])(
    "%j is not",
    (text) => {
      expect(parseVersion(text)).toMatchObject({ ok: false, error: { code: "INVALID_VERSION" } });
    },
  );

  test("property: what is accepted has nothing in it that a shell, a path or a reference could trip over", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (parseVersion(text).ok) expect(text).toMatch(/^[\w][\w.-]{0,127}$/);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("an image repository", () => {
  test("is made whole, and joined with a tag or a digest", () => {
    const image = parseImage("registry.lab:5000/web");
    const tag = parseVersion("1.0.0");
    if (!image.ok || !tag.ok) throw new Error("refused");
    expect(image.value).toEqual({ domain: "registry.lab:5000", path: "web", name: "registry.lab:5000/web" });
    expect(imageByTag(image.value, tag.value)).toBe("registry.lab:5000/web:1.0.0");
    expect(imageByDigest(image.value, `sha256:${"a".repeat(64)}`)).toEqual({
      ok: true,
      value: `registry.lab:5000/web@sha256:${"a".repeat(64)}`,
    });
    expect(imageByDigest(image.value, "sha256:xyz")).toMatchObject({ ok: false });
  });
});

describe("a health check", () => {
  test.each([
    ["http://localhost", { kind: "http", tls: false, host: "localhost", port: 80, path: "/" }],
    ["https://10.0.0.1:8443/x?y=1", { kind: "http", tls: true, host: "10.0.0.1", port: 8443, path: "/x?y=1" }],
    ["systemd", { kind: "systemd" }],
    ["exec:/usr/bin/check", { kind: "exec", argv: ["/usr/bin/check"] }],
    [
      `exec:/usr/bin/check --on "two words" '$(reboot);'`,
      { kind: "exec", argv: ["/usr/bin/check", "--on", "two words", "$(reboot);"] },
    ],
    ["http://[::1]:8080/healthz", { kind: "http", tls: false, host: "::1", port: 8080, path: "/healthz" }],
    ["tcp://db.internal:5432", { kind: "tcp", host: "db.internal", port: 5432 }],
  ])("%s", (text, expected) => {
    expect(parseHealthCheck(text)).toEqual({ ok: true, value: expected });
  });

  test.each([
    "",
    "localhost:80",
    "http://",
    "http://user@host/",
    "http://h:0/",
    "http://h:65536/",
    "tcp://h",
    "tcp://h:1/x",
    "http://h/a b",
    "http://-h/",
    "file:///etc/passwd",
    "http://h/\nX: y",
  ])("%j is refused", (text) => {
    expect(parseHealthCheck(text)).toMatchObject({ ok: false });
  });
});
