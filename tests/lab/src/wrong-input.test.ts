import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, inject, test } from "vitest";
import { theLab } from "./lab-handle.ts";
import { typeInSlack } from "./slack.ts";

const scratch = mkdtempSync(join(tmpdir(), "quarterdeck-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function unitFile(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

const doors: readonly (readonly [
  title: string,
  words: () => readonly string[],
  code: string,
  exit: number,
  hint: RegExp,
])[] = [
  [
    "a unit file with a line that is no line",
    () => ["submit", unitFile("broken.service", "[Service]\nExecStart=/bin/true\nnonsense\n")],
    "INVALID_UNIT",
    2,
    /line 3|:3/,
  ],
  [
    "an unknown [X-Fleet] key",
    () => ["submit", unitFile("typo.service", "[Service]\nExecStart=/bin/true\n[X-Fleet]\nMachineMetadta=a=b\n")],
    "INVALID_UNIT",
    2,
    /MachineMetadata/,
  ],
  ["a name that is no unit name", () => ["stop", "../../etc/passwd"], "INVALID_NAME", 2, /unit name/],
  ["a unit that nobody submitted", () => ["start", "nowhere.service"], "NOT_FOUND", 3, /submit|list-unit-files/],
  ["a service that is none", () => ["deploy", "wbe", "1.0.0"], "NOT_FOUND", 3, /web/],
  ["a version that is no image tag", () => ["deploy", "web", "1.0.0; rm -rf /"], "INVALID_VERSION", 2, /tag|version/i],
  ["an unknown flag", () => ["start", "hello.service", "--forse"], "USAGE", 2, /forse/],
  ["an unknown verb", () => ["depoly", "web", "1.0.0"], "UNKNOWN_COMMAND", 2, /deploy/],
  ["a template started by itself", () => ["start", "web@.service"], "USAGE", 2, /instance|web@1|deploy/],
  ["a verb that is still to come", () => ["rollback", "web"], "NOT_YET", 2, /not/],
];

test.each(doors)("%s is refused with code, text, hint and exit code, and changes nothing", async (_title, ...door) => {
  const [words, code, exit, hint] = door;
  const before = await theLab.fleetOk("list-unit-files", "-o", "json");
  const ended = await theLab.fleet(words());
  expect(ended.stderr).toContain(`error[${code}]`);
  expect(ended.stderr).toMatch(hint);
  expect(ended.stderr).toMatch(/^try: /m);
  expect(ended.code).toBe(exit);
  const asJson = await theLab.fleet([...words(), "-o", "json"]);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    error: { code, message: expect.any(String), correlationId: expect.any(String) },
  });
  expect(await theLab.fleetOk("list-unit-files", "-o", "json")).toBe(before);
});

test("Slack says the same as the terminal", async () => {
  const answer = await typeInSlack("/fleet depoly web 1.0.0");
  expect(answer.exitCode).toBe(2);
  expect(answer.text).toContain("UNKNOWN_COMMAND");
  expect(answer.text).toContain("deploy");
});

test("a guest in Slack may read and is refused a change", async () => {
  expect((await typeInSlack("/fleet status", { user: "guest" })).exitCode).toBe(0);
  const refused = await typeInSlack("/fleet start hello.service", { user: "guest" });
  expect(refused.exitCode).toBe(4);
  expect(refused.text).toContain("FORBIDDEN");
  expect(await theLab.activeOn("hello.service")).toEqual([]);
});

const context = () =>
  JSON.parse(readFileSync(join(inject("labHome"), "contexts/local.json"), "utf8")) as Record<string, string> & {
    endpoints: string[];
  };

test("fleet #1243: a certificate of another authority is refused at etcd's door", async () => {
  const { endpoints } = context();
  const foreign = join(scratch, "foreign");
  const { createAuthority, profiles } = await import("@quarterdeck/pki");
  const authority = await createAuthority("Somebody else", new Date());
  const { cert, key } = await authority.issue(profiles.operator("root"), { now: new Date() });
  writeFileSync(`${foreign}.pem`, cert);
  writeFileSync(`${foreign}-key.pem`, key);
  writeFileSync(
    join(inject("labHome"), "contexts/foreign.json"),
    JSON.stringify({ ...context(), name: "foreign", cert: `${foreign}.pem`, key: `${foreign}-key.pem`, endpoints }),
  );
  const ended = await theLab.fleet(["list-machines", "--context", "foreign"]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain("error[INVALID_CERTIFICATE]");
});

test("fleet #1243: a client's certificate cannot write anything of Quarterdeck's but its own requests", async () => {
  const put = (path: string) => theLab.lab(["shell", "m1", "--", "etcdctl", "put", path, "{}"]);
  for (const path of [
    "units/evil.service",
    "policy",
    "schedule/x/evil.service",
    "requests/operator:somebody/12345678",
    "bot/messages/x",
    "agents/x/presence",
  ]) {
    const refused = await put(`/quarterdeck/${path}`);
    expect(refused.code, path).not.toBe(0);
    expect(refused.stderr, path).toContain("permission denied");
  }
  const own = await put("/elsewhere");
  expect(own.code, own.stderr).toBe(0);
});
