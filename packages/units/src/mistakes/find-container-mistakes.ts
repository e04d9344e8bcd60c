import { warning, fault, type Finding } from "../finding.ts";
import { valuesOf, valueOf, type UnitDocument } from "../unit-document.ts";
import { commandsOf, programOf } from "./command-line.ts";
import { readContainerRun, type ContainerRun } from "./container-run.ts";

/** What goes wrong with containers that systemd starts: found here in a second, else at the first stop or reboot in production. */
export function findContainerMistakes(document: UnitDocument): readonly Finding[] {
  const runs = commandsOf(document, "ExecStart").flatMap((command) => readContainerRun(command) ?? []);
  return runs.flatMap((run) => judge(run, document));
}

function judge(run: ContainerRun, document: UnitDocument): readonly Finding[] {
  const { program, command } = run;
  const type = valueOf(document, "Service", "Type") ?? "simple";
  const findings: Finding[] = [];
  if (run.detached && type !== "oneshot" && type !== "forking") {
    findings.push(
      fault(
        {
          rule: "container-detached",
          message: `${program} run --detach ends at once, and systemd takes the service for ended with it`,
          try: "leave --detach away",
        },
        command.assignment,
      ),
    );
  }
  if (!run.init) {
    findings.push(
      warning(
        {
          rule: "container-ignores-sigterm",
          message: `a program that is process 1 of a container ignores SIGTERM unless it handles it itself: stopping then lasts until it is killed, and the container may outlive the unit`,
          try: `${program} run --init …, and SuccessExitStatus=143`,
        },
        command.assignment,
      ),
    );
  }
  if (!run.detached && !acceptsSigterm(document)) {
    findings.push(
      warning(
        {
          rule: "stop-looks-failed",
          message: `a stopped ${program} run exits with 143, which systemd reports as a failure`,
          try: "SuccessExitStatus=143",
        },
        command.assignment,
      ),
    );
  }
  if (run.name !== null && !run.removed && !removesFirst(document, run)) {
    findings.push(
      warning(
        {
          rule: "container-name-taken",
          message: `after a crash the container ${run.name} is still there, and ${program} run refuses to take its name again`,
          try: `ExecStartPre=-/usr/bin/${program} rm -f ${run.name}`,
        },
        command.assignment,
      ),
    );
  }
  if (run.image !== null && run.image.endsWith(":latest")) {
    findings.push(
      warning(
        {
          rule: "image-latest",
          message: `${run.image} is another image tomorrow: machines will differ, and nothing can be rolled back`,
          try: `name a version, e.g. ${run.image.replace(/latest$/, "1.2.3")}`,
        },
        command.assignment,
      ),
    );
  }
  return findings;
}

function acceptsSigterm(document: UnitDocument): boolean {
  const accepted = valuesOf(document, "Service", "SuccessExitStatus").flatMap((value) => value.split(/\s+/));
  return accepted.includes("143");
}

function removesFirst(document: UnitDocument, { name, program }: ContainerRun): boolean {
  return ["ExecStartPre", "ExecStopPost"].some((key) =>
    commandsOf(document, key).some(
      (command) =>
        programOf(command) === program && command.words.includes("rm") && name !== null && command.words.includes(name),
    ),
  );
}
