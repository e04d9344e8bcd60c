import { programOf, type CommandLine } from "./command-line.ts";

/** A `docker run` or `podman run`, as far as it matters for how systemd starts and stops it. */
export type ContainerRun = {
  readonly command: CommandLine;
  readonly program: "docker" | "podman";
  readonly name: string | null;
  readonly init: boolean;
  readonly detached: boolean;
  readonly removed: boolean;
  /** Null when no word looks like an image. */
  readonly image: string | null;
};

/** Flags without a value; every other flag that has no `=` takes the next word. @see docker-run(1), podman-run(1) */
const SWITCHES = new Set(
  "--detach --init --interactive --no-healthcheck --no-hosts --oom-kill-disable --privileged --publish-all --quiet --read-only --replace --rm --sig-proxy --tty --use-api-socket".split(
    " ",
  ),
);

export function readContainerRun(command: CommandLine): ContainerRun | null {
  const program = programOf(command);
  if (program !== "docker" && program !== "podman") return null;
  const [, ...words] = command.words;
  const at = words.indexOf("run");
  if (at < 0 || words.slice(0, at).some((word) => !word.startsWith("-") && !word.includes("container"))) return null;
  const { flags, rest } = splitFlags(words.slice(at + 1));
  const on = (name: string): boolean => flags.has(name) && flags.get(name) !== "false";
  return {
    command,
    program,
    name: flags.get("--name") ?? null,
    init: on("--init"),
    detached: on("--detach"),
    removed: on("--rm") || on("--replace"),
    image: rest[0] ?? null,
  };
}

function splitFlags(words: readonly string[]): { flags: ReadonlyMap<string, string>; rest: readonly string[] } {
  const flags = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) return { flags, rest: words.slice(index) };
    const [name = "", value] = word.split(/=(.*)/s);
    if (value !== undefined) flags.set(name, value);
    else if (SWITCHES.has(word)) flags.set(word, "true");
    else if (/^-[ditPq]+$/.test(word)) {
      if (word.includes("d")) flags.set("--detach", "true");
    } else {
      flags.set(word, words[index + 1] ?? "");
      index += 1;
    }
  }
  return { flags, rest: [] };
}
