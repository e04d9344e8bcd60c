import { warning, type Finding } from "../finding.ts";
import { assignmentsIn, assignmentsOf, valueOf, type UnitDocument } from "../unit-document.ts";
import { commandsOf, EXEC_KEYS, programOf, type CommandLine } from "./command-line.ts";

const SHELL_WORDS = new Set(["|", "||", "&&", ">", ">>", "<", "2>&1", "&"]);

/** Services that systemd accepts and that do not do what they seem to. @see systemd.service(5) */
export function findServiceMistakes(document: UnitDocument): readonly Finding[] {
  return [
    ...findForkMistakes(document),
    ...EXEC_KEYS.flatMap((key) => commandsOf(document, key).flatMap((command) => judgeCommand(command))),
    ...findKillMistakes(document),
  ];
}

function findForkMistakes(document: UnitDocument): readonly Finding[] {
  const type = assignmentsOf(document, "Service", "Type").at(-1);
  if (type?.value !== "forking" || valueOf(document, "Service", "PIDFile") !== null) return [];
  return [
    warning(
      {
        rule: "forking-without-pidfile",
        message: "systemd has to guess which process of a Type=forking service is the main one",
        try: "PIDFile=/run/NAME.pid, or Type=notify or simple",
      },
      type,
    ),
  ];
}

function judgeCommand(command: CommandLine): readonly Finding[] {
  const [, ...rest] = command.words;
  const findings: Finding[] = [];
  const shell = rest.find((word) => SHELL_WORDS.has(word));
  if (shell !== undefined) {
    findings.push(
      warning(
        {
          rule: "shell-syntax",
          message: `systemd starts the program without a shell: ${shell} is handed to it as a word`,
          try: `/bin/sh -c '…', or write it as several Exec…= lines`,
        },
        command.assignment,
      ),
    );
  }
  const substitution = rest.find((word) => /\$\(|`/.test(word));
  if (substitution !== undefined && !["sh", "bash", "dash", "ash"].includes(programOf(command))) {
    findings.push(
      warning(
        {
          rule: "shell-syntax",
          message: `systemd does not run ${JSON.stringify(substitution)}; only \${VARIABLE} is replaced`,
          try: `/bin/sh -c '…'`,
        },
        command.assignment,
      ),
    );
  }
  return findings;
}

function findKillMistakes(document: UnitDocument): readonly Finding[] {
  const modes = assignmentsIn(document, "Service").filter(({ key, value }) => key === "KillMode" && value === "none");
  const timeout = assignmentsOf(document, "Service", "TimeoutStopSec").at(-1);
  const findings = modes.map((mode) =>
    warning(
      {
        rule: "kill-mode-none",
        message: "KillMode=none leaves processes behind when the unit is moved: two copies run",
        try: "KillMode=mixed",
      },
      mode,
    ),
  );
  if (timeout !== undefined && ["infinity", "0"].includes(timeout.value)) {
    findings.push(
      warning(
        {
          rule: "stop-never-ends",
          message: `TimeoutStopSec=${timeout.value} waits for ever: a unit that hangs cannot be moved`,
          try: "TimeoutStopSec=30s",
        },
        timeout,
      ),
    );
  }
  return findings;
}
