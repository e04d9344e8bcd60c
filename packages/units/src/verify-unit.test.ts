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
    ["a skipped program counts for none", service("ExecStart=-bin/a", "ExecStart=/bin/b"), ["relative-path"]],
    ["two programs on one line", service("ExecStart=/bin/a ; /bin/b"), ["several-exec-start!"]],
    ["semicolons that are words", service(String.raw`ExecStart=/bin/a \; b";" ';'`), []],
    ["a prefix alone", service("ExecStart=-"), ["nothing-to-start!", "no-program"]],
    ["a name for a program that is not there", service("ExecStart=@/bin/a"), ["no-program!"]],
    ["rights given twice", service("ExecStart=+!/bin/a"), ["relative-path!"]],
    ["a folder for a program", service("ExecStart=/bin/"), ["program-is-directory!"]],
    ["a date's percent signs", service("ExecStart=/bin/date +%F"), ["unknown-specifier!"]],
    ["a date's percent signs, doubled", service("ExecStart=/bin/date +%%F 5% %i"), []],
    ["a program without its end", service('ExecStart="/bin/a'), ["nothing-to-start!", "unclosed-quote"]],
    ["an argument without its end", service("ExecStart=/bin/a 'b"), ["unclosed-quote!"]],
    [
      "an argument without its end that may fail",
      service("ExecStart=/bin/a", "ExecStop=-/bin/a 'b"),
      ["unclosed-quote"],
    ],
    ["an escape of nobody's", service(String.raw`ExecStart=/bin/a \q`), ["unknown-escape"]],
    [
      "a fault that a later line takes back",
      service("ExecStart=bin/a", "ExecStart=", "ExecStart=/bin/a"),
      ["relative-path!"],
    ],
    ["only a stop", service("ExecStop=/bin/a"), ["nothing-to-start!"]],
    ["only a stop, and it remains", service("ExecStop=/bin/a", "RemainAfterExit=yes"), []],
    [
      "only a stop, and it could not remain",
      service("Type=simple", "ExecStop=/bin/a", "RemainAfterExit=yes"),
      ["nothing-to-start!"],
    ],
    [
      "no start is a oneshot",
      service("ExecStop=/bin/a", "RemainAfterExit=yes", "Restart=always"),
      ["oneshot-restart!"],
    ],
    ["a bus without a name", service("Type=dbus", "ExecStart=/bin/a"), ["no-bus-name!"]],
    [
      "a name makes it a bus service",
      service("BusName=a.b", "ExecStart=/bin/a", "ExecStart=/bin/b"),
      ["several-exec-start!"],
    ],
    [
      "a relative folder",
      service("ExecStart=/bin/a", "WorkingDirectory=var", "WorkingDirectory=/var"),
      ["relative-folder!"],
    ],
    [
      "a relative folder that may be missing",
      service("ExecStart=/bin/a", "WorkingDirectory=-var"),
      ["relative-folder"],
    ],
    ["home", service("ExecStart=/bin/a", "WorkingDirectory=~"), []],
    ["a word that is none of the choices", service("ExecStart=/bin/a", "Restart=Always"), ["bad-value"]],
    ["a choice that cannot be reset", service("ExecStart=/bin/a", "Restart="), ["bad-value"]],
    ["no memory at all", service("ExecStart=/bin/a", "MemoryMax=0", "MemoryLow=0"), ["bad-value"]],
    ["memory", service("ExecStart=/bin/a", "MemoryMax=1.5G", "MemoryHigh=50%", "MemorySwapMax=infinity"), []],
    [
      "spans",
      service("ExecStart=/bin/a", "RestartSec=1min 30s", "TimeoutStartSec=infinity", "WatchdogSec=soon"),
      ["bad-value"],
    ],
    ["truths", service("ExecStart=/bin/a", "RemainAfterExit=maybe", "SendSIGHUP=ON"), ["bad-value"]],
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
