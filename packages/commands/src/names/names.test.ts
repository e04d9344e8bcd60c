import { replicaName, type Unit, type UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import { clusterOf, HELLO, M1, M2, M3, machine, service, state, unit, WEB } from "../testing/seed-cluster.ts";
import { matchPattern } from "./match-pattern.ts";
import { resolveMachine } from "./resolve-machine.ts";
import { resolveService } from "./resolve-service.ts";
import { resolveUnits } from "./resolve-units.ts";

const replica = (index: number) =>
  unit(replicaName(WEB, index), { origin: { kind: "replica", service: WEB, index, release: 1 } as Unit["origin"] });
const cluster = await clusterOf(
  machine(M1),
  machine(M2),
  machine(M3),
  service(),
  unit("web@.service" as UnitName),
  replica(1),
  replica(2),
  replica(10),
  unit(HELLO),
  unit("job@.service" as UnitName),
  state(M1, "orphan.service" as UnitName),
);
const facts = deriveFacts(await cluster.snapshot(FACT_PREFIXES, AbortSignal.timeout(5000)));

test.each([
  ["hello.service", ["hello.service"]],
  ["orphan.service", ["orphan.service"]],
  ["web", ["web@1.service", "web@2.service", "web@10.service"]],
  ["web@?.service", ["web@1.service", "web@2.service"]],
  ["job@x.service", ["job@x.service"]],
  ["web@.service", ["web@.service"]],
])("%s means %j", (word, units) => {
  expect(resolveUnits(facts, [word], { verb: "start" })).toMatchObject({ ok: true, value: { units } });
});

test("a unit that is named twice is meant once, and a pattern is remembered", () => {
  expect(resolveUnits(facts, ["hello.service", "hel*"], { verb: "start" })).toEqual({
    ok: true,
    value: { units: [HELLO], byPattern: true },
  });
});

test("a name whose text is sent along need not be known", () => {
  expect(resolveUnits(facts, ["new.service"], { verb: "start", sent: new Set(["new.service"]) })).toMatchObject({
    ok: true,
  });
  expect(resolveUnits(facts, ["new@1.service"], { verb: "start", sent: new Set(["new@.service"]) })).toMatchObject({
    ok: true,
  });
});

test.each([
  ["hello", "NOT_FOUND", "fleet start hello.service"],
  ["helo.service", "NOT_FOUND", "fleet start hello.service"],
  ["nowhere.service", "NOT_FOUND", "fleet submit ./nowhere.service, or see fleet list-unit-files"],
  ["zz*", "NOT_FOUND", "fleet list-unit-files"],
  ["a b", "INVALID_NAME", "fleet list-unit-files"],
  ["../../etc/passwd", "INVALID_NAME", "fleet list-unit-files"],
])("%j is refused with %s", (word, code, hint) => {
  expect(resolveUnits(facts, [word], { verb: "start" })).toMatchObject({ ok: false, error: { code, try: hint } });
});

test("what was right of the words is kept, and no template is proposed to be started", () => {
  expect(resolveUnits(facts, ["helo.service", "web"], { verb: "stop" })).toMatchObject({
    error: { try: "fleet stop hello.service web" },
  });
  expect(resolveUnits(facts, ["job.service"], { verb: "start" })).toMatchObject({
    error: { try: expect.not.stringContaining("job@.service") },
  });
  expect(resolveUnits(facts, ["jobb@.service"], { verb: "cat" })).toMatchObject({
    error: { try: "fleet cat job@.service" },
  });
});

test("a pattern means what runs, and templates only where their text is meant", () => {
  const replicas = ["web@1.service", "web@10.service", "web@2.service"];
  expect(resolveUnits(facts, ["web@*"], { verb: "stop" })).toMatchObject({ value: { units: replicas } });
  expect(resolveUnits(facts, ["web@*"], { verb: "destroy" })).toMatchObject({
    value: { units: ["web@.service", ...replicas] },
  });
});

test("a service without replicas says that it was never deployed", async () => {
  const bare = deriveFacts(await (await clusterOf(service())).snapshot(FACT_PREFIXES, AbortSignal.timeout(5000)));
  expect(resolveUnits(bare, ["web"], { verb: "stop" })).toMatchObject({
    ok: false,
    error: { code: "NOT_FOUND", try: "fleet deploy web VERSION" },
  });
});

test.each([
  [M1, M1],
  ["abc1", M1],
  ["abc22", M2],
  ["m3", M3],
  ["10.78.0.12", M2],
])("%s is a machine", (word, id) => {
  expect(resolveMachine(facts, word)).toMatchObject({ ok: true, value: { machine: id } });
});

test.each([
  ["abc", "NOT_FOUND"],
  ["m4", "NOT_FOUND"],
  ["ABC1", "NOT_FOUND"],
  ["", "NOT_FOUND"],
])("%j is no machine", (word, code) => {
  expect(resolveMachine(facts, word)).toMatchObject({ ok: false, error: { code } });
});

test("a prefix of several machines is refused with their names", async () => {
  const [a, b] = [`abcd${"1".repeat(28)}`, `abcd${"2".repeat(28)}`] as (typeof M1)[] as [typeof M1, typeof M1];
  const twins = deriveFacts(
    await (await clusterOf(machine(a), machine(b))).snapshot(FACT_PREFIXES, AbortSignal.timeout(5000)),
  );
  expect(resolveMachine(twins, "abcd")).toMatchObject({
    ok: false,
    error: { code: "USAGE", why: expect.stringContaining(a) },
  });
});

test.each([
  ["web", true],
  ["web@.service", true],
])("%s is a service", (word, ok) => {
  expect(resolveService(facts, word, "deploy").ok).toBe(ok);
});

test.each([
  ["wbe", "NOT_FOUND", "fleet deploy web 1.1.0"],
  ["postgres", "NOT_FOUND", "fleet services"],
  ["a/b", "INVALID_NAME", "fleet services"],
])("%j is no service: %s", (word, code, hint) => {
  expect(resolveService(facts, word, "deploy", ["1.1.0"])).toMatchObject({ ok: false, error: { code, try: hint } });
});

test.each([
  ["*", "hello.service", true],
  ["hel*", "hello.service", true],
  ["h?llo.service", "hello.service", true],
  ["[g-i]ello.service", "hello.service", true],
  ["[^h]ello.service", "hello.service", false],
  ["h.llo.service", "hello.service", false],
  ["[z", "[z", false],
])("%s matches %s: %s", (pattern, name, matches) => {
  expect(matchPattern(pattern, name)).toBe(matches);
});
