import type { Actor, Policy, Principal, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { authoriseIdentity } from "./authorise-identity.ts";

const policy: Policy = {
  v: 1,
  rules: [
    { subjects: ["operator:anna"], verbs: ["*"] },
    { subjects: ["group:developers", "operator:ci"], verbs: ["submit", "start", "destroy"] },
    { subjects: ["group:sre"], verbs: ["submit", "identity:bot"] },
  ],
};
const by = (principal: string): Actor => ({ principal: principal as Principal, slack: null });
const inSlack = (...groups: readonly string[]): Actor => ({
  principal: "bot" as Principal,
  slack: { userId: "U1", userName: "dev", groups: [...groups], channel: "ops" },
});
const pager = { unit: "pager.service" as UnitName, identity: "bot" as const };

test.each<[string, Actor, string]>([
  ["all verbs", by("operator:anna"), "rule 1: operator:anna may do everything"],
  ["the grant", inSlack("sre"), "rule 3: group:sre may submit, identity:bot"],
])("who has %s may give a unit an identity", (_, actor, rule) => {
  expect(authoriseIdentity(policy, actor, pager)).toEqual({ ok: true, value: rule });
});

test.each<[string, Actor]>([
  ["whoever may submit", inSlack("developers")],
  ["a certificate that may submit", by("operator:ci")],
  ["the bot for itself", by("bot")],
  ["a stranger", by("operator:mallory")],
])("%s may not, and is told who may", (_, actor) => {
  expect(authoriseIdentity(policy, actor, pager)).toMatchObject({
    ok: false,
    error: { code: "FORBIDDEN", whoCanFix: "operator:anna, group:sre" },
  });
});

test("the refusal names unit, line, grant and what to do", () => {
  expect(authoriseIdentity(policy, inSlack("developers"), pager)).toEqual({
    ok: false,
    error: {
      code: "FORBIDDEN",
      message: "user:dev may not give pager.service the identity bot (Identity=bot in [X-Fleet])",
      why: "its program could act as bot, and no rule of the policy gives identity:bot, or all verbs, to user:dev or group:developers",
      whoCanFix: "operator:anna, group:sre",
      try: "remove Identity=bot, or ask one of them: fleet submit pager.service",
    },
  });
});

test.each([
  ["no policy", null],
  ["a policy without such a rule", { v: 1 as const, rules: [{ subjects: ["*"], verbs: ["submit"] }] }],
])("with %s nobody may", (_, none) => {
  expect(authoriseIdentity(none, by("operator:anna"), pager)).toMatchObject({
    ok: false,
    error: {
      whoCanFix: "nobody, until a rule is added",
      try: expect.stringContaining("a rule that gives identity:bot"),
    },
  });
});
