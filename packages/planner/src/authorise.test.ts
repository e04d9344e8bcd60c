import type { Actor, Policy, Principal } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { authorise } from "./authorise.ts";

const policy: Policy = {
  v: 1,
  rules: [
    { subjects: ["operator:anna", "operator:api-*"], verbs: ["*"] },
    { subjects: ["group:developers", "user:eve"], verbs: ["start", "deploy"] },
    { subjects: ["bot"], verbs: ["destroy"] },
  ],
};
const by = (principal: string): Actor => ({ principal: principal as Principal, slack: null });
const inSlack = (userName: string, groups: readonly string[], principal = "bot"): Actor => ({
  principal: principal as Principal,
  slack: { userId: "U1", userName, groups: [...groups], channel: "ops" },
});

describe("nothing is allowed that no rule allows", () => {
  test.each<[string, Actor, string, string]>([
    ["a certificate by name", by("operator:anna"), "destroy", "rule 1: operator:anna may do everything"],
    [
      "a certificate by the beginning of its name",
      by("operator:api-m1"),
      "stop",
      "rule 1: operator:api-* may do everything",
    ],
    ["a Slack user by group", inSlack("dev", ["developers"]), "deploy", "rule 2: group:developers may start, deploy"],
    ["a Slack user by name", inSlack("eve", []), "start", "rule 2: user:eve may start, deploy"],
    ["the bot for itself", by("bot"), "destroy", "rule 3: bot may destroy"],
  ])("%s", (_, actor, verb, rule) => {
    expect(authorise(policy, actor, verb)).toEqual({ ok: true, value: rule });
  });

  test.each<[string, Actor, string]>([
    ["a verb that no rule names", inSlack("dev", ["developers"]), "destroy"],
    ["a stranger", by("operator:mallory"), "start"],
    ["a Slack user by the rights of the bot", inSlack("dev", []), "destroy"],
    ["a Slack user who is called like a certificate", inSlack("operator:anna", []), "start"],
    ["a group that is called like a user", inSlack("dev", ["user:eve"]), "start"],
    ["a client that is not the bot and names a Slack user", inSlack("dev", ["developers"], "operator:anna"), "start"],
    ["a machine", by("machine:00000000000000000000000000000001"), "start"],
  ])("%s is refused", (_, actor, verb) => {
    expect(authorise(policy, actor, verb)).toMatchObject({ ok: false, error: { code: "FORBIDDEN" } });
  });

  test("a rule for every certificate does not reach through the bot", () => {
    const open: Policy = { v: 1, rules: [{ subjects: ["*"], verbs: ["start"] }] };
    expect(authorise(open, by("operator:mallory"), "start").ok).toBe(true);
    expect(authorise(open, inSlack("guest", []), "start").ok).toBe(false);
  });

  test("without a policy nobody may do anything", () => {
    expect(authorise(null, by("operator:anna"), "start")).toMatchObject({
      ok: false,
      error: { code: "FORBIDDEN", why: expect.stringContaining("no policy") },
    });
  });

  test("a refusal says who may", () => {
    expect(authorise(policy, inSlack("guest", []), "deploy")).toMatchObject({
      ok: false,
      error: {
        message: "user:guest may not deploy",
        whoCanFix: "operator:anna, operator:api-*, group:developers, user:eve",
        try: "ask one of them for it: fleet deploy …",
      },
    });
  });
});
