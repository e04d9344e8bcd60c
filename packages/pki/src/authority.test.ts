import { createPrivateKey, X509Certificate } from "node:crypto";
import { CodedError, type MachineId } from "@quarterdeck/model";
import { beforeAll, describe, expect, test } from "vitest";
import { createAuthority, loadAuthority, type Authority } from "./authority.ts";
import { profiles } from "./profiles.ts";

const now = new Date("2026-11-24T10:00:00.500Z");
const machine = "0123456789abcdef0123456789abcdef" as MachineId;
const sans = { dns: ["m1"], ips: ["10.78.0.11", "fd00::1"] };

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority("Quarterdeck test", now);
});

const issued = async (profile = profiles.etcd(sans), options = { now }) =>
  new X509Certificate((await authority.issue(profile, options)).cert);

describe("an authority", () => {
  test("signs leaves only, for ten years", () => {
    const cert = new X509Certificate(authority.cert);
    expect(cert.ca).toBe(true);
    expect(cert.subject).toBe("CN=Quarterdeck test");
    expect(cert.issuer).toBe(cert.subject);
    expect(cert.verify(cert.publicKey)).toBe(true);
    expect(new Date(cert.validTo).toISOString()).toBe("2036-11-21T10:00:00.000Z");
  });

  test("goes on issuing after it was loaded from its two texts", async () => {
    const loaded = await loadAuthority({ cert: authority.cert, key: authority.key });
    const leaf = new X509Certificate((await loaded.issue(profiles.bot(), { now })).cert);
    expect(leaf.checkIssued(new X509Certificate(authority.cert))).toBe(true);
    expect(leaf.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
  });

  test("is refused when the key is another's, the certificate is a leaf's, or a text is no PEM", async () => {
    const other = await createAuthority("Another", now);
    const leaf = await authority.issue(profiles.bot(), { now });
    const refused = { code: "INVALID_CERTIFICATE" };
    await expect(loadAuthority({ cert: authority.cert, key: other.key })).rejects.toMatchObject(refused);
    await expect(loadAuthority(leaf)).rejects.toMatchObject(refused);
    await expect(loadAuthority({ cert: "nonsense", key: authority.key })).rejects.toMatchObject(refused);
    await expect(loadAuthority({ cert: authority.cert, key: "" })).rejects.toMatchObject(refused);
  });

  test.each(["", "a\nb", "é", "x".repeat(65)])("is not made with the name %j", async (name) => {
    await expect(createAuthority(name, now)).rejects.toThrow(CodedError);
  });
});

describe("a leaf", () => {
  test("carries exactly the common name, the names and the usages of its profile", async () => {
    const cert = await issued(profiles.machine(machine, sans));
    expect(cert.subject).toBe(`CN=machine:${machine}`);
    expect(cert.subjectAltName).toBe("DNS:m1, IP Address:10.78.0.11, IP Address:FD00:0:0:0:0:0:0:1");
    expect(cert.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
    expect(cert.ca).toBe(false);
  });

  test("is backdated by five minutes and lives a year, or as long as asked", async () => {
    const year = await issued();
    expect(new Date(year.validFrom).toISOString()).toBe("2026-11-24T09:55:00.000Z");
    expect(new Date(year.validTo).toISOString()).toBe("2027-11-24T10:00:00.000Z");
    const day = new X509Certificate((await authority.issue(profiles.bot(), { now, days: 1 })).cert);
    expect(new Date(day.validTo).toISOString()).toBe("2026-11-25T10:00:00.000Z");
  });

  test("never outlives its authority", async () => {
    const late = new Date("2036-06-01T00:00:00Z");
    const leaf = await issued(profiles.bot(), { now: late });
    expect(leaf.validTo).toBe(new X509Certificate(authority.cert).validTo);
    await expect(authority.issue(profiles.bot(), { now: new Date("2037-01-01T00:00:00Z") })).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
    });
    await expect(authority.issue(profiles.bot(), { now: new Date("2026-01-01T00:00:00Z") })).rejects.toMatchObject({
      code: "INVALID_CERTIFICATE",
    });
  });

  test("is refused a lifetime that is not positive", async () => {
    for (const days of [0, -1, Number.NaN]) {
      await expect(authority.issue(profiles.bot(), { now, days })).rejects.toMatchObject({
        code: "INVALID_CERTIFICATE",
      });
    }
  });

  test("has a key on P-256 that belongs to it, and a serial number of 128 random bits", async () => {
    const { cert, key } = await authority.issue(profiles.bot(), { now });
    const parsed = new X509Certificate(cert);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(parsed.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
    expect(parsed.serialNumber).toMatch(/^01[0-9A-F]{32}$/);
    expect((await issued(profiles.bot())).serialNumber).not.toBe(parsed.serialNumber);
  });
});
