import { nearest } from "@quarterdeck/model";
import { fault, warning, type Finding } from "../finding.ts";
import { assignmentsOf, valueOf, type Assignment, type UnitDocument } from "../unit-document.ts";
import { commandsOf, EXEC_KEYS, programOf, type CommandLine } from "./command-line.ts";

const TYPES = ["simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"];

/**
 * Services that systemd does not start as they are written, for certain and on every machine; a `submit` that holds an error among them
 * is refused. @see systemd.service(5)
 */
export function findRefusals(document: UnitDocument): readonly Finding[] {
  const type = valueOf(document, "Service", "Type") ?? "simple";
  return [
    ...assignmentsOf(document, "Service", "Type").flatMap(judgeType),
    ...judgeStarts(document, type),
    ...judgeRestart(document, type),
    ...EXEC_KEYS.flatMap((key) => commandsOf(document, key).flatMap(judgeProgram)),
  ];
}

function judgeType(assignment: Assignment): readonly Finding[] {
  const { value } = assignment;
  if (TYPES.includes(value)) return [];
  const close = nearest(value, TYPES);
  const words = {
    rule: "unknown-type",
    message: `systemd knows no Type=${value} and ignores it`,
    try: close === null ? `Type=simple, or one of ${TYPES.slice(1).join(", ")}` : `Type=${close}`,
  };
  return [fault(words, assignment)];
}

function judgeStarts(document: UnitDocument, type: string): readonly Finding[] {
  const starts = assignmentsOf(document, "Service", "ExecStart");
  const second = starts[1];
  if (second === undefined || type === "oneshot") return [];
  const words = {
    rule: "several-exec-start",
    message: `a service of Type=${type} has one ExecStart=, here are ${starts.length}`,
    try: "use ExecStartPre= for what comes first, or Type=oneshot",
  };
  return [fault(words, second)];
}

function judgeRestart(document: UnitDocument, type: string): readonly Finding[] {
  const restart = assignmentsOf(document, "Service", "Restart").at(-1);
  if (type !== "oneshot" || restart === undefined || !["always", "on-success"].includes(restart.value)) return [];
  const words = {
    rule: "oneshot-restart",
    message: `systemd refuses Restart=${restart.value} for Type=oneshot: the service would never end`,
    try: "Restart=on-failure",
  };
  return [fault(words, restart)];
}

/** Behind a `-` systemd skips the command in place of the unit. */
function judgeProgram(command: CommandLine): readonly Finding[] {
  const { assignment, prefix, words } = command;
  const [program, ...rest] = words;
  if (!program.includes("/") || /^[/$%]/.test(program)) return [];
  const told = {
    rule: "relative-path",
    message: `${JSON.stringify(program)} is a relative path, and systemd has no working directory to start from`,
    try: `${assignment.key}=${prefix}/usr/bin/${programOf(command)}${rest.length === 0 ? "" : " …"}`,
  };
  return [prefix.includes("-") ? warning(told, assignment) : fault(told, assignment)];
}
