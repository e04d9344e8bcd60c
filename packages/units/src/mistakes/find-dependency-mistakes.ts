import { warning, type Finding } from "../finding.ts";
import { assignmentsOf, valuesOf, type UnitDocument } from "../unit-document.ts";
import { commandsOf, programOf } from "./command-line.ts";

/** Dependencies without the order that they need, and the other way round. @see systemd.unit(5) "After=" */
export function findDependencyMistakes(document: UnitDocument): readonly Finding[] {
  const after = new Set(namesIn(document, "After"));
  const findings = (["BindsTo", "Requires"] as const).flatMap((key) =>
    assignmentsOf(document, "Unit", key).flatMap((assignment) =>
      assignment.value
        .split(/\s+/)
        .filter((name) => name !== "" && !after.has(name) && !namesIn(document, "Before").includes(name))
        .map((name) =>
          warning(
            {
              rule: "dependency-without-order",
              message: `${key}=${name} starts both at the same time; without an order this one does not wait for it`,
              try: `After=${name}`,
            },
            assignment,
          ),
        ),
    ),
  );
  const docker = commandsOf(document, "ExecStart").find((command) => programOf(command) === "docker");
  const named = ["Requires", "Wants", "BindsTo", "After"].flatMap((key) => namesIn(document, key));
  if (docker === undefined || named.some((name) => name.startsWith("docker."))) return findings;
  return [
    ...findings,
    warning(
      {
        rule: "docker-not-required",
        message: "docker may not run yet when this starts after a reboot",
        try: "Requires=docker.service and After=docker.service in [Unit]",
      },
      docker.assignment,
    ),
  ];
}

function namesIn(document: UnitDocument, key: string): readonly string[] {
  return valuesOf(document, "Unit", key).flatMap((value) => value.split(/\s+/).filter((name) => name !== ""));
}
