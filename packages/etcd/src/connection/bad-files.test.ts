import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority, profiles } from "@quarterdeck/pki";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TlsMaterial } from "../client.ts";
import { connectEtcd } from "./connect-etcd.ts";

const signal = AbortSignal.timeout(60_000);
let directory: string;
let good: TlsMaterial;
let texts: TlsMaterial;
let foreignKey: string;

const file = async (name: string, text: string, mode = 0o600): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, text, { mode });
  return path;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "quarterdeck-etcd-"));
  const now = new Date();
  const authority = await createAuthority("ours", now);
  texts = { ca: authority.cert, ...(await authority.issue(profiles.operator("me"), { now })) };
  foreignKey = (await authority.issue(profiles.operator("you"), { now })).key;
  good = { ca: await file("ca", texts.ca), cert: await file("cert", texts.cert), key: await file("key", texts.key) };
});
afterAll(() => rm(directory, { recursive: true }));

const refused = async (tls: Partial<TlsMaterial>): Promise<unknown> => {
  try {
    await using _ = await connectEtcd(
      { endpoints: ["https://127.0.0.1:1"], tls: { ...good, ...tls }, prefix: "/quarterdeck/" },
      signal,
    );
  } catch (error) {
    return error;
  }
  return null;
};

test("good files are taken", async () => {
  expect(await refused({})).toBeNull();
});

test.each([
  [
    "a CA that is not there",
    async () => ({ ca: join(directory, "none") }),
    /^cannot read the CA for etcd: ENOENT.*none/,
  ],
  [
    "a certificate that is a folder",
    async () => ({ cert: directory }),
    /^cannot read the certificate for etcd: EISDIR/,
  ],
  ["an empty CA file", async () => ({ ca: await file("empty", "") }), /empty is not a certificate in PEM$/],
  [
    "a certificate that is no PEM",
    async () => ({ cert: await file("text", "hello") }),
    /text is not a certificate in PEM$/,
  ],
  [
    "a certificate cut short",
    async () => ({ cert: await file("torn", texts.cert.slice(0, 99)) }),
    /torn is not a certificate/,
  ],
  ["a key in the certificate's place", async () => ({ cert: good.key }), /key is not a certificate in PEM$/],
  ["a key that is no PEM", async () => ({ key: await file("text", "hello") }), /text is not a private key in PEM$/],
  [
    "a certificate in the key's place",
    async () => ({ key: await file("ck", texts.cert) }),
    /ck is not a private key in PEM$/,
  ],
  [
    "the key of another certificate",
    async () => ({ key: await file("other", foreignKey) }),
    /other does not belong to the certificate .*cert$/,
  ],
  [
    "a key open to others",
    async () => ({ key: await file("open", texts.key, 0o640) }),
    /open is open to others \(mode 0640\)$/,
  ],
  [
    "a certificate in the CA's place",
    async () => ({ ca: good.cert }),
    /cert is the certificate of CN=operator:me, not of an authority$/,
  ],
] as const)("%s is refused before anything is tried, naming the file and what to try", async (_, make, message) => {
  const error = await refused(await make());
  expect(error).toMatchObject({
    code: "INVALID_CERTIFICATE",
    message: expect.stringMatching(message),
    problem: { try: expect.stringMatching(/./) },
  });
  expect((error as Error).message).not.toContain("\n");
});

test.each([
  ["127.0.0.1:2379", "https://127.0.0.1:2379"],
  ["etcd1.example", "https://etcd1.example:2379"],
  ["https://etcd1.example", "https://etcd1.example:2379"],
  ["https://etcd1.example:2379/v2/keys", "https://etcd1.example:2379"],
  ["ftp://etcd1.example:2379", "https://etcd1.example:2379"],
  ["http://etcd1.example:2379", "https://etcd1.example:2379"],
  ["https://etcd1.example:99999", "https://127.0.0.1:2379"],
  ["https://a b:2379", "https://127.0.0.1:2379"],
  ["", "https://127.0.0.1:2379"],
])("the endpoint %j is refused, and %s offered", async (endpoint, offered) => {
  await expect(
    connectEtcd({ endpoints: [endpoint], tls: good, prefix: "/quarterdeck/" }, signal),
  ).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringContaining(endpoint),
    problem: { try: offered },
  });
});
