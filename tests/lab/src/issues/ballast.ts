import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { theLab } from "../lab-handle.ts";

/** Units that may run anywhere, two a machine. */
export const BALLAST = [1, 2, 3, 4, 5, 6].map((index) => `ballast@${index}.service`);

const TEMPLATE = "[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n";

/** Submits unit files that stand in no folder of the project. */
export async function submitTexts(texts: Readonly<Record<string, string>>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "quarterdeck-issues-"));
  try {
    for (const [name, text] of Object.entries(texts)) await writeFile(join(directory, name), text);
    await theLab.fleetOk("submit", ...Object.keys(texts).map((name) => join(directory, name)));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The lab well, with {@link BALLAST} and `global.service` running; undone when it is disposed of. */
export async function takeBallast(): Promise<AsyncDisposable> {
  await theLab.settled(90_000);
  await submitTexts({ "ballast@.service": TEMPLATE });
  await theLab.fleetOk("start", "examples/global.service", ...BALLAST);
  await theLab.settled(60_000);
  return {
    async [Symbol.asyncDispose]() {
      await theLab.fleet(["destroy", ...BALLAST, "global.service", "ballast@.service", "--yes"]);
    },
  };
}
