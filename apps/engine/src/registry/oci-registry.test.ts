import { createHash } from "node:crypto";
import { MockAgent } from "undici";
import { expect, test } from "vitest";
import { createOciRegistry } from "./oci-registry.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const LAB = "https://registry.lab:5000";
const signal = new AbortController().signal;

function mocked() {
  const agent = new MockAgent();
  agent.disableNetConnect();
  return { agent, registry: createOciRegistry(agent), lab: agent.get(LAB) };
}

test("a tag is pinned by the digest that the registry names", async () => {
  const { registry, lab } = mocked();
  lab
    .intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD" })
    .reply(200, "", { headers: { "docker-content-digest": DIGEST } });
  expect(await registry.pin("registry.lab:5000/web", "1.0.0", signal)).toEqual({
    ok: true,
    value: { image: `registry.lab:5000/web@${DIGEST}`, pinned: true },
  });
});

test("without a digest header the manifest's own bytes say it", async () => {
  const { registry, lab } = mocked();
  const manifest = '{"schemaVersion":2}';
  lab.intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD" }).reply(200, "");
  lab.intercept({ path: "/v2/web/manifests/1.0.0", method: "GET" }).reply(200, manifest);
  const pinned = await registry.pin("registry.lab:5000/web", "1.0.0", signal);
  expect(pinned.ok && pinned.value.image).toBe(
    `registry.lab:5000/web@sha256:${createHash("sha256").update(manifest).digest("hex")}`,
  );
});

test("a missing version is refused with the newest tags by number, and the nearest", async () => {
  const { registry, lab } = mocked();
  lab.intercept({ path: "/v2/web/manifests/1.2.1", method: "HEAD" }).reply(404, "");
  lab.intercept({ path: "/v2/web/tags/list?n=1000", method: "GET" }).reply(200, { tags: ["1.9.0", "1.10.0", "1.2.0"] });
  const pinned = await registry.pin("registry.lab:5000/web", "1.2.1", signal);
  expect(!pinned.ok && pinned.error).toMatchObject({
    code: "VERSION_NOT_FOUND",
    why: "newest versions: 1.10.0, 1.9.0, 1.2.0",
    try: "did you mean 1.2.0?",
  });
});

test("a registry that asks for a token is asked with an anonymous one", async () => {
  const { agent, registry, lab } = mocked();
  const challenge = 'Bearer realm="https://auth.lab/token",service="lab",scope="repository:web:pull"';
  lab
    .intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD" })
    .reply(401, "", { headers: { "www-authenticate": challenge } });
  agent
    .get("https://auth.lab")
    .intercept({ path: "/token", query: { service: "lab", scope: "repository:web:pull" } })
    .reply(200, { token: "t1" });
  lab
    .intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD", headers: { authorization: "Bearer t1" } })
    .reply(200, "", { headers: { "docker-content-digest": DIGEST } });
  expect((await registry.pin("registry.lab:5000/web", "1.0.0", signal)).ok).toBe(true);
});

test("Docker Hub's short names are asked at Docker Hub's own API", async () => {
  const { agent, registry } = mocked();
  agent
    .get("https://registry-1.docker.io")
    .intercept({ path: "/v2/library/nginx/manifests/1.29", method: "HEAD" })
    .reply(200, "", { headers: { "docker-content-digest": DIGEST } });
  const pinned = await registry.pin("nginx", "1.29", signal);
  expect(pinned.ok && pinned.value.image).toBe(`docker.io/library/nginx@${DIGEST}`);
});

test.each([
  [
    "does not answer",
    (lab: ReturnType<MockAgent["get"]>) =>
      lab
        .intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD" })
        .replyWithError(new Error("connect ECONNREFUSED")),
  ],
  [
    "fails",
    (lab: ReturnType<MockAgent["get"]>) => {
      lab.intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD" }).reply(500, "");
      lab.intercept({ path: "/v2/web/manifests/1.0.0", method: "GET" }).reply(500, "");
    },
  ],
  [
    "names a token service without https",
    (lab: ReturnType<MockAgent["get"]>) => {
      const headers = { "www-authenticate": 'Bearer realm="http://auth.lab/token"' };
      lab.intercept({ path: "/v2/web/manifests/1.0.0", method: "HEAD" }).reply(401, "", { headers });
      lab.intercept({ path: "/v2/web/manifests/1.0.0", method: "GET" }).reply(401, "", { headers });
    },
  ],
])("a registry that %s is unreachable, and the hint names --allow-tag", async (_, arrange) => {
  const { registry, lab } = mocked();
  arrange(lab);
  const pinned = await registry.pin("registry.lab:5000/web", "1.0.0", signal);
  expect(!pinned.ok && pinned.error.code).toBe("REGISTRY_UNREACHABLE");
  expect(!pinned.ok && pinned.error.try).toContain("--allow-tag");
});
