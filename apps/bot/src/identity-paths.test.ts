import { expect, test } from "vitest";
import { identityPaths } from "./identity-paths.ts";

test("the bot reads what systemd hands to it", () => {
  expect(identityPaths("/run/credentials/bot", "/pki")).toEqual({
    ca: "/run/credentials/bot/ca.pem",
    cert: "/run/credentials/bot/identity.pem",
    key: "/run/credentials/bot/identity-key.pem",
  });
});

test.each([undefined, ""])("without credentials (%j) it reads the machine's own pair", (credentials) => {
  expect(identityPaths(credentials, "/pki")).toEqual({
    ca: "/pki/ca.pem",
    cert: "/pki/bot.pem",
    key: "/pki/bot-key.pem",
  });
});
