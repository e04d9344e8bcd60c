import { keys, type Operation } from "@quarterdeck/etcd";
import type { Policy, Principal, Request, RequestAction } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { decideRequest, type RequestDecision } from "./decide-request.ts";
import {
  actorFacts,
  BOT,
  everything,
  HELLO_TEXT,
  name,
  OPERATOR,
  requestFacts,
  serviceFacts,
  unitFacts,
  web,
} from "./testing/facts.ts";
import { moment } from "./testing/signing.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const start: RequestAction = { verb: "start", units: [name("hello.service")], files: [], replace: false };
const slack = { userId: "U1", userName: "dev", groups: ["developers"], channel: "ops" };

async function decide(request: Request, from: Principal, ...more: readonly Operation[]): Promise<RequestDecision> {
  const key = keys.request(from, request.id);
  const view = await viewOf(
    stored(keys.policy(), everything),
    stored(keys.unit(name("hello.service")), unitFacts()),
    ...more,
    stored(key, request),
  );
  const entry = view.get(key);
  if (entry === null) throw new TypeError("the test's own request is missing");
  return decideRequest(view, { ...entry, names: [from, request.id] }, { answer: null, forecast: () => [], ...moment });
}

const codeOf = (decision: RequestDecision) =>
  decision.kind === "commit" && decision.outcome.kind === "refused" ? decision.outcome.problem.code : decision.kind;
const pathsOf = (decision: RequestDecision) =>
  decision.kind === "commit" ? decision.transaction.then.map(({ path }) => path) : [];

test("effect, outcome, audit entry and audit head are one transaction, bound to what it was decided from", async () => {
  const decision = await decide(requestFacts(start), OPERATOR);
  expect(pathsOf(decision)).toEqual([
    "requests/operator:anna/request-0001",
    "units/hello.service",
    "audit/000000000001",
    "audit/chain/head",
  ]);
  expect(decision.kind === "commit" && decision.transaction.when).toEqual([
    { kind: "modRevision", path: "requests/operator:anna/request-0001", is: 4n },
    { kind: "modRevision", path: "units/hello.service", is: 3n },
    { kind: "absent", path: "audit/chain/head" },
    { kind: "absent", path: "audit/000000000001" },
  ]);
});

test("a refusal changes nothing but its outcome and the audit log", async () => {
  const decision = await decide(requestFacts({ ...start, units: [name("nope.service")] }), OPERATOR);
  expect([codeOf(decision), pathsOf(decision)]).toEqual([
    "NOT_FOUND",
    ["requests/operator:anna/request-0001", "audit/000000000001", "audit/chain/head"],
  ]);
});

test.each([
  ["fixes the login", { why: "fixes the login" }],
  ["", {}],
])("--reason %j is in the audit log, and nothing where none was given", async (why, expected) => {
  const decision = await decide(requestFacts(start, { why }), OPERATOR);
  const entry = decision.kind === "commit" && decision.transaction.then.find(({ path }) => path.startsWith("audit/0"));
  const written = JSON.parse(entry && entry.kind === "put" ? entry.json : "null") as { readonly why?: string };
  expect(written).toMatchObject({ act: "start", ...expected });
  expect(Object.hasOwn(written, "why")).toBe(why !== "");
});

test("units that are so already are conditions, of which etcd takes no more than of writes", async () => {
  const units = Array.from({ length: 130 }, (_, index) => name(`u${index}.service`));
  const there = units.map((unit) => stored(keys.unit(unit), unitFacts({ target: "launched" })));
  const few = await decide(requestFacts({ ...start, units: units.slice(0, 120) }), OPERATOR, ...there);
  expect(codeOf(few)).toBe("commit");
  expect(few.kind === "commit" && few.transaction.when.length).toBeLessThan(128);
  expect(codeOf(await decide(requestFacts({ ...start, units }), OPERATOR, ...there))).toBe("USAGE");
});

test.each<readonly [string, Request, Principal, string]>([
  [
    "who claims another's name",
    requestFacts(start, { actor: actorFacts(OPERATOR) }),
    "operator:eve" as Principal,
    "FORBIDDEN",
  ],
  [
    "who names a Slack user and is not the bot",
    requestFacts(start, { actor: actorFacts(OPERATOR, slack) }),
    OPERATOR,
    "FORBIDDEN",
  ],
  ["the bot for a Slack user whose group may", requestFacts(start, { actor: actorFacts(BOT, slack) }), BOT, "commit"],
  [
    "the bot for a Slack user whom no rule names",
    requestFacts(start, { actor: actorFacts(BOT, { ...slack, groups: [] }) }),
    BOT,
    "FORBIDDEN",
  ],
  [
    "a machine",
    requestFacts(start, { actor: actorFacts(`machine:${"1".repeat(32)}` as Principal) }),
    `machine:${"1".repeat(32)}` as Principal,
    "FORBIDDEN",
  ],
])("a request by %s", async (_, request, from, expected) => {
  expect(codeOf(await decide(request, from))).toBe(expected);
});

test.each([false, true])("policy's word on identities is heard (dry run: %s)", async (dryRun) => {
  const text = `${HELLO_TEXT}[X-Fleet]\nIdentity=bot\n`;
  const submit: RequestAction = { verb: "submit", files: [{ name: name("pager.service"), text }], replace: false };
  const may = (...verbs: readonly string[]): Policy => ({ v: 1, rules: [{ subjects: [OPERATOR], verbs: [...verbs] }] });
  const answerTo = async (policy: Policy) =>
    codeOf(await decide(requestFacts(submit, { dryRun }), OPERATOR, stored(keys.policy(), policy)));
  expect(await answerTo(may("submit"))).toBe("FORBIDDEN");
  expect(await answerTo(may("submit", "identity:bot"))).toBe("commit");
});

test("a deploy that can go ahead asks for its image; one that is not allowed never reaches a registry", async () => {
  const deploy: RequestAction = {
    verb: "deploy",
    service: web,
    version: "1.0.0",
    maxParallel: null,
    canary: null,
    allowTag: false,
  };
  const service = stored(keys.service(web), serviceFacts());
  expect(await decide(requestFacts(deploy), OPERATOR, service)).toEqual({
    kind: "ask",
    repository: "registry.lab:5000/web",
    version: "1.0.0",
  });
  const stranger = requestFacts(deploy, { actor: actorFacts(BOT, { ...slack, groups: [] }) });
  expect(codeOf(await decide(stranger, BOT, service))).toBe("FORBIDDEN");
});

test.each([
  [
    "too many units",
    Array.from({ length: 200 }, (_, index) => ({ name: name(`u${index}.service`), text: HELLO_TEXT })),
  ],
  [
    "too much text",
    Array.from({ length: 4 }, (_, index) => ({
      name: name(`u${index}.service`),
      text: `${HELLO_TEXT}# ${String(index).repeat(200_000)}\n`,
    })),
  ],
])("%s for one transaction is refused, and said how to go on", async (_, files) => {
  const decision = await decide(requestFacts({ verb: "submit", files, replace: false }), OPERATOR);
  expect(codeOf(decision)).toBe("USAGE");
});
