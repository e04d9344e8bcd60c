import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { CodedError } from "@quarterdeck/model";
import { clean, reset } from "./clean.ts";
import { createControlClient, type ListedMachine } from "./control-client.ts";
import { homeFromEnvironment } from "./home.ts";
import { isPlain } from "./plain/plain-shell.ts";
import { prepare } from "./prepare.ts";
import { parseDuration, parseLoss, parseRate } from "./quantities.ts";
import { shell } from "./shell.ts";
import { start } from "./start.ts";

type Command = (argv: readonly string[]) => Promise<number>;

const CHECKOUT = join(import.meta.dirname, "../../..");
const home = () => homeFromEnvironment(process.env);
const client = () => createControlClient(home());

/** Every command of `lab` by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  start: (argv) => {
    args(argv, {}, 0);
    return start(process.env);
  },
  prepare: (argv) => {
    args(argv, {}, 0);
    return prepare(process.env);
  },
  async list(argv) {
    const { values } = args(argv, { output: { type: "string", short: "o" } }, 0);
    const machines = await client().machines();
    if (values["output"] !== undefined && values["output"] !== "json" && values["output"] !== "table")
      throw usageError("--output is table or json");
    process.stdout.write(values["output"] === "json" ? `${JSON.stringify(machines)}\n` : table(machines));
    return 0;
  },
  async add(argv) {
    args(argv, {}, 0);
    process.stdout.write(table([await client().add()]));
    return 0;
  },
  ...Object.fromEntries(
    ["kill", "power-off", "boot", "reboot", "freeze", "thaw", "disk-full"].map((verb) => [verb, plain(verb)]),
  ),
  async cut(argv) {
    const { values, names } = args(argv, { from: { type: "string" } }, 1);
    await client().act(names[0] ?? "", "cut", values["from"] === undefined ? {} : { from: values["from"] });
    return 0;
  },
  async heal(argv) {
    const { names } = args(argv, {}, argv.length === 0 ? 0 : 1);
    await (names[0] === undefined ? client().healAll() : client().act(names[0], "heal", {}));
    return 0;
  },
  async slow(argv) {
    const { values, names } = args(argv, { loss: { type: "string" }, rate: { type: "string" } }, 1);
    if (values["loss"] === undefined && values["rate"] === undefined)
      throw usageError("slow needs --loss 5% or --rate 1mbit");
    const lossPerMille = values["loss"] === undefined ? 0 : parseLoss(String(values["loss"]));
    const bitsPerSecond = values["rate"] === undefined ? null : parseRate(String(values["rate"]));
    await client().act(names[0] ?? "", "slow", { lossPerMille, bitsPerSecond });
    return 0;
  },
  async shell(argv) {
    const cut = argv.indexOf("--");
    const inside = cut < 0 ? [] : argv.slice(cut + 1);
    const { values, names } = args(cut < 0 ? argv : argv.slice(0, cut), { timeout: { type: "string" } }, 1);
    if (cut >= 0 && inside.length === 0) throw usageError("nothing follows --");
    const timeoutMs = values["timeout"] === undefined ? 30_000 : parseDuration(String(values["timeout"]));
    return shell(
      home(),
      await find(names[0] ?? ""),
      inside.length === 0 ? { argv: ["/bin/bash", "-l"], timeoutMs: null } : { argv: inside, timeoutMs },
    );
  },
  async console(argv) {
    const { values, names } = args(argv, { follow: { type: "boolean", short: "f" } }, 1);
    const machine = await find(names[0] ?? "");
    if (isPlain(machine))
      throw new CodedError("LAB_UNSUPPORTED", {
        message: `${machine.name} has no console: it is made of plain processes`,
        try: `read the logs in ${join(home().machines, machine.name, "var/log")}`,
      });
    const path = join(home().machines, machine.name, "console.log");
    const follow = values["follow"] === true;
    // Off, frozen or cut off from its own systemd: what it printed before is all there is.
    if (machine.pid === null || machine.state === "frozen") {
      if (follow) return run(["tail", "-n", "+1", "-F", path]);
      await new Promise((done, fail) =>
        createReadStream(path).on("error", fail).on("end", done).pipe(process.stdout, { end: false }),
      );
      return 0;
    }
    // A machine's init prints next to nothing in a container; what a console would show goes to its journal.
    const journal = ["journalctl", "--boot", "--no-pager", "--output=short-monotonic"];
    const inside = follow ? [...journal, "--lines=200", "--follow"] : journal;
    return shell(home(), machine, { argv: inside, timeoutMs: follow ? null : 30_000 });
  },
  async reset(argv) {
    // For scripts of the careful; wiping a lab asks nothing.
    args(argv, { yes: { type: "boolean" } }, 0);
    await reset(home());
    return 0;
  },
  async clean(argv) {
    args(argv, {}, 0);
    await clean(home(), CHECKOUT);
    return 0;
  },
};

function plain(verb: string): Command {
  return async (argv) => {
    const { names } = args(argv, {}, 1);
    await client().act(names[0] ?? "", verb, {});
    return 0;
  };
}

async function find(name: string): Promise<ListedMachine> {
  const machines = await client().machines();
  const machine = machines.find((candidate) => candidate.name === name);
  if (machine !== undefined) return machine;
  throw new CodedError("NOT_FOUND", {
    message: `there is no machine ${JSON.stringify(name)}`,
    why: `machines: ${machines.map((one) => one.name).join(" ")}`,
    try: "npx lab list",
  });
}

function args(argv: readonly string[], options: NonNullable<ParseArgsConfig["options"]>, count: number) {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    if (positionals.length !== count)
      throw usageError(count === 0 ? `unexpected ${positionals.join(" ")}` : "name one machine, such as m2");
    return { values, names: positionals };
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function usageError(message: string): CodedError {
  return new CodedError("USAGE", { message, try: "npx lab help" });
}

function table(machines: readonly ListedMachine[]): string {
  const rows = [
    ["NAME", "MACHINE", "IP", "STATE", "PID"],
    ...machines.map(({ name, machine, ip, state, pid }) => [
      name,
      `${machine.slice(0, 8)}...`,
      ip,
      state,
      pid === null ? "-" : String(pid),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function run(argv: readonly string[]): Promise<number> {
  const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: "inherit" });
  return new Promise((done) => child.once("close", (code) => done(code ?? 1)));
}
