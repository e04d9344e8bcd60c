import { expect, test } from "vitest";
import { parseSandboxOptions } from "./sandbox-options.ts";

test("the lab's command line is understood", () => {
  const argv =
    "--port 4700 --bridge 10.78.0.1 --lab-socket /run/lab.sock --state /tmp/s --bot-token xoxb-2 --app-token xapp-2".split(
      " ",
    );
  expect(parseSandboxOptions(argv)).toEqual({
    port: 4700,
    bridge: "10.78.0.1",
    labSocket: "/run/lab.sock",
    stateDirectory: "/tmp/s",
    botToken: "xoxb-2",
    appToken: "xapp-2",
  });
  expect(parseSandboxOptions([])).toMatchObject({ port: 4646, botToken: "xoxb-sandbox" });
});

test.each([["--port", "x"], ["--port", "70000"], ["--prot", "1"], ["stray"]])("%s %s is refused", (...argv) => {
  expect(() => parseSandboxOptions(argv)).toThrow(expect.objectContaining({ code: "USAGE" }));
});
