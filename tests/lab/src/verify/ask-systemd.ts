import { theLab } from "../lab-handle.ts";

/** What a machine's own systemd says of a unit file: whether it would load it, and which lines it does not understand. */
export type SystemdVerdict = {
  readonly refused: boolean;
  readonly lines: readonly number[];
  readonly said: readonly string[];
};

/** By name; the files are gone again afterwards. A program that the machine has not is no fault of the file. */
export async function askSystemd(
  machine: string,
  units: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, SystemdVerdict>> {
  const made = await theLab.inside(machine, "mktemp", "-d", "/run/quarterdeck-verify-XXXXXX");
  const folder = made.stdout.trim();
  if (!/^\/run\/quarterdeck-verify-\w{6}$/.test(folder)) throw new Error(`no folder on ${machine}: ${made.stderr}`);
  try {
    const paths = Object.entries(units).map(([name, text]) => ({ path: `${folder}/${name}`, text }));
    for (const { path, text } of paths) {
      const written = await theLab.insideWith({ input: Buffer.from(text) }, machine, "tee", "--", path);
      if (written.code !== 0) throw new Error(`${path} on ${machine}: ${written.stderr}`);
    }
    const asked = await theLab.insideWith(
      { timeoutMs: 60_000 },
      machine,
      "systemd-analyze",
      "verify",
      "--man=no",
      ...paths.map(({ path }) => path),
    );
    const lines = asked.stderr.split("\n");
    return new Map(Object.keys(units).map((name) => [name, verdictOn(name, lines)]));
  } finally {
    await theLab.inside(machine, "rm", "-r", "--", folder);
  }
}

function verdictOn(name: string, lines: readonly string[]): SystemdVerdict {
  const said = lines.filter(
    (line) => line.includes(`/${name}:`) || line.startsWith(`${name}: `) || line.startsWith(`Unit ${name} `),
  );
  return {
    refused: said.some((line) => / has a bad unit file setting\.| failed to load properly/.test(line)),
    lines: said.flatMap((line) => {
      const number = line.includes(`/${name}:`) ? line.split(`/${name}:`)[1]?.split(":")[0] : undefined;
      return number === undefined ? [] : [Number(number)];
    }),
    said,
  };
}
