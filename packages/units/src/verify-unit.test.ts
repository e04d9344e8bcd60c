import { describe, expect, test } from "vitest";
import { verifyUnit } from "./verify-unit.ts";

const rulesOf = (text: string, name = "a.service"): readonly string[] =>
  verifyUnit(name, text).map(({ rule, severity }) => (severity === "error" ? `${rule}!` : rule));
const service = (...lines: readonly string[]): string => `[Service]\n${lines.join("\n")}\n`;
const GOOD_RUN = "ExecStart=/usr/bin/docker run --init --name a ghcr.io/acme/a:1.0";
const DOCKER = "[Unit]\nRequires=docker.service\nAfter=docker.service\n";

describe("a unit file is examined without a cluster", () => {
  test("a container that stops well, is cleaned away and waits for docker has no faults", () => {
    const text = `${DOCKER}${service("ExecStartPre=-/usr/bin/docker rm -f a", GOOD_RUN, "SuccessExitStatus=143")}`;
    expect(verifyUnit("a.service", text)).toEqual([]);
  });

  test("what submit refuses is an error at its place, and the rest is examined all the same", () => {
    const found = verifyUnit("a.service", service("ExecStart=/bin/true", "KillMode=none") + "[X-Fleet]\nMachinOf=b\n");
    expect(found.map(({ rule, line, column }) => [rule, line, column])).toEqual([
      ["kill-mode-none", 3, 1],
      ["refused", 5, 1],
    ]);
    expect(found[1]).toMatchObject({
      severity: "error",
      message: "unknown key MachinOf in [X-Fleet]",
      try: "MachineOf=b",
    });
  });

  test.each([
    ["a file that cannot be read", "[Service\n", ["refused!"]],
    ["a misspelt key", service("ExecStart=/bin/true", "ExecSotp=/bin/false"), ["unknown-key"]],
    ["a key of our own in the wrong section", service("ExecStart=/bin/true", "MachineOf=b.service"), ["unknown-key"]],
    ["a key that begins with X- is nobody's business", service("ExecStart=/bin/true", "X-Owner=me"), []],
    ["a shell's pipe", service("ExecStart=/bin/echo a | /bin/cat"), ["shell-syntax"]],
    ["a shell's substitution", service("ExecStart=/bin/echo $(date)"), ["shell-syntax"]],
    ["a shell that is called may do both", service("ExecStart=/bin/sh -c 'echo $(date) | cat'"), []],
    ["a relative path", service("ExecStart=bin/serve"), ["relative-path!"]],
    [
      "a relative path that may fail, which systemd skips",
      service("ExecStart=/bin/a", "ExecStop=-bin/a"),
      ["relative-path"],
    ],
    ["a type that there is not", service("Type=onshot", "ExecStart=/bin/a"), ["unknown-type!"]],
    ["a bare name, which systemd looks for", service("ExecStart=sleep 1"), []],
    ["two programs in a simple service", service("ExecStart=/bin/a", "ExecStart=/bin/b"), ["several-exec-start!"]],
    ["two programs, the first reset", service("ExecStart=/bin/a", "ExecStart=", "ExecStart=/bin/b"), []],
    ["two programs, one after the other", service("Type=oneshot", "ExecStart=/bin/a", "ExecStart=/bin/b"), []],
    ["a oneshot for ever", service("Type=oneshot", "Restart=always", "ExecStart=/bin/a"), ["oneshot-restart!"]],
    ["a oneshot that is tried again", service("Type=oneshot", "Restart=on-failure", "ExecStart=/bin/a"), []],
    ["a daemon that forks", service("Type=forking", "ExecStart=/bin/a"), ["forking-without-pidfile"]],
    ["a stop without an end", service("ExecStart=/bin/a", "TimeoutStopSec=infinity"), ["stop-never-ends"]],
    [
      "a sidekick that does not wait",
      `[Unit]\nBindsTo=b.service\n${service("ExecStart=/bin/a")}`,
      ["dependency-without-order"],
    ],
  ])("%s", (_, text, expected) => {
    expect(rulesOf(text)).toEqual(expected);
  });

  test.each([
    ["process 1 without --init", "docker run a:1", ["container-ignores-sigterm"]],
    ["--init behind the image is the program's", "docker run a:1 --init", ["container-ignores-sigterm"]],
    ["a flag that takes a word is not the image", "docker run -p 80:80 -e A=b --init a:1", []],
    ["detached", "docker run -dit --init a:1", ["container-detached!"]],
    ["a name that stays taken", "docker run --init --name x a:1", ["container-name-taken"]],
    ["a name that is given back", "docker run --init --rm --name=x a:1", []],
    ["tomorrow's image", "docker run --init a:latest", ["image-latest"]],
    ["podman, which replaces by itself", "podman run --init --replace --name x a:1", []],
    ["not a run", "docker start -a x", []],
  ])("containers: %s", (_, command, expected) => {
    expect(rulesOf(`${DOCKER}${service(`ExecStart=/usr/bin/${command}`, "SuccessExitStatus=0 143")}`)).toEqual(
      expected,
    );
  });

  test("docker without its order, and a stop that looks like a failure", () => {
    expect(rulesOf(service("ExecStart=/usr/bin/docker run --init --rm a:1"))).toEqual([
      "docker-not-required",
      "stop-looks-failed",
    ]);
  });

  test("a name that systemd would not have", () => {
    expect(rulesOf(service("ExecStart=/bin/a"), "a b.service")).toEqual(["name!"]);
  });
});
