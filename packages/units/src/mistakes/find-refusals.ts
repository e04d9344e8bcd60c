import { nearest } from "@quarterdeck/model";
import { fault, warning, type Finding } from "../finding.ts";
import { parseTruth } from "../parse-truth.ts";
import { assignmentsIn, assignmentsOf, valueOf, type Assignment, type UnitDocument } from "../unit-document.ts";
import { commandsIn, commandsOf, EXEC_KEYS, type CommandLine } from "./command-line.ts";
import { hasSuccessAction } from "./has-success-action.ts";

const TYPES = ["simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"];

/**
 * Services that systemd does not start as they are written, for certain and on every machine; a `submit` that holds an error among them
 * is refused. What systemd skips, and starts the rest, is a warning. @see systemd.service(5)
 */
export function findRefusals(document: UnitDocument): readonly Finding[] {
  const type = typeOf(document);
  return [
    ...assignmentsOf(document, "Service", "Type").flatMap(judgeType),
    ...judgeStarts(document, type),
    ...judgeRestart(document, type),
    ...judgeBusName(document, type),
    ...judgeFolder(document),
    ...EXEC_KEYS.flatMap((key) => commandsIn(document, key).flatMap(judgeCommand)),
  ];
}

/** What systemd takes for the type of a service that has a type it knows, or none. @see systemd.service(5) "Type=" */
function typeOf(document: UnitDocument): string {
  const type = valueOf(document, "Service", "Type");
  if (type !== null) return type;
  if (valueOf(document, "Service", "BusName") !== null) return "dbus";
  return commandsOf(document, "ExecStart").length === 0 ? "oneshot" : "simple";
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
  const starts = commandsOf(document, "ExecStart");
  const [first, second] = starts;
  if (second !== undefined && type !== "oneshot") {
    const words = {
      rule: "several-exec-start",
      message: `a service of Type=${type} has one ExecStart=, here are ${starts.length}`,
      try: "use ExecStartPre= for what comes first, or Type=oneshot",
    };
    return [fault(words, second.assignment)];
  }
  if (first !== undefined || hasSuccessAction(document)) return [];
  const written = commandsIn(document, "ExecStart").at(-1) ?? commandsIn(document, "ExecStop").at(-1);
  // That no command is written at all is said by another rule; and one fault of a unit is enough.
  if (written === undefined || written.fault?.then === "refused") return [];
  const remains = parseTruth(valueOf(document, "Service", "RemainAfterExit") ?? "no");
  if (type === "oneshot" && commandsOf(document, "ExecStop").length > 0 && remains.ok && remains.value) return [];
  const words = {
    rule: "nothing-to-start",
    message:
      "systemd refuses a service without a command in ExecStart=, but for a oneshot with ExecStop= and RemainAfterExit=yes",
    try: "ExecStart=/path/to/program",
  };
  return [fault(words, written.assignment)];
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

function judgeBusName(document: UnitDocument, type: string): readonly Finding[] {
  if (type !== "dbus" || valueOf(document, "Service", "BusName") !== null) return [];
  const words = {
    rule: "no-bus-name",
    message: "systemd refuses Type=dbus without the name that it is to wait for",
    try: "BusName=org.example.Program",
  };
  return [fault(words, assignmentsOf(document, "Service", "Type").at(-1) ?? null)];
}

/** `~` is the user's home, and a `-` lets it be missing. @see systemd.exec(5) "WorkingDirectory=" */
function judgeFolder(document: UnitDocument): readonly Finding[] {
  return assignmentsIn(document, "Service")
    .filter(({ key, value }) => key === "WorkingDirectory" && value !== "" && !/^(?:-?[/%]|-?~$)/.test(value))
    .map((folder) => {
      const words = {
        rule: "relative-folder",
        message: `WorkingDirectory=${folder.value} is not absolute`,
        try: "WorkingDirectory=/var/lib/NAME",
      };
      return folder.value.startsWith("-") ? warning(words, folder) : fault(words, folder);
    });
}

function judgeCommand({ assignment, fault: found }: CommandLine): readonly Finding[] {
  if (found === null) return [];
  const ignored = found.then === "ignored" ? "systemd skips this command: " : "";
  const words = { rule: found.rule, message: `${ignored}${found.message}`, try: found.try };
  return [found.then === "refused" ? fault(words, assignment) : warning(words, assignment)];
}
