import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

test("without anything set, the defaults hold and machines stay inside", () => {
  expect(readSettings({})).toEqual({ port: 4646, machines: 3, egress: false, slack: null });
});

test("real Slack opens the way out", () => {
  expect(readSettings({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" })).toMatchObject({
    egress: true,
    slack: { botToken: "xoxb-1", appToken: "xapp-1" },
  });
});

test("one token alone is refused", () => {
  expect(() => readSettings({ SLACK_BOT_TOKEN: "xoxb-1" })).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test.each(["0", "x", "1.5", "100"])("%j machines are refused", (machines) => {
  expect(() => readSettings({ QUARTERDECK_MACHINES: machines })).toThrow(expect.objectContaining({ code: "USAGE" }));
});
