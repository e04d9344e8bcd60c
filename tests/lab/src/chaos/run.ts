// `npm run chaos -- --minutes N --seed S`: a lab of its own, faults at random, and a report. Ends with 1 when something happened that must not.
import { parseArgs } from "node:util";
import { createLabHandle } from "../create-lab-handle.ts";
import { makeTestHome, npmStart } from "../npm-start.ts";
import { labArgv, runProcess } from "../run-process.ts";
import { renderReport } from "./render-report.ts";
import { runChaos } from "./run-chaos.ts";

const USAGE = `npm run chaos -- [--minutes N] [--seed S]
  --minutes N  how long, 1 to 1440; 4 without
  --seed S     a whole number; the same one draws the same faults; a new one without
Boots a lab of its own beside a running one. Exit codes: 0 nothing happened that must not · 1 something did · 2 usage.
`;

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === "string") {
    process.stderr.write(options);
    return options === USAGE ? 0 : 2;
  }
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  process.stdout.write(`chaos: booting a lab; seed ${options.seed}\n`);
  const home = makeTestHome("chaos");
  await runProcess(labArgv(["reset", "--yes"]), { env: { QUARTERDECK_HOME: home } });
  await using started = await npmStart(home);
  const lab = createLabHandle(() => started);
  const onEvent = (line: string): void => void process.stdout.write(`chaos: ${line}\n`);
  const report = await runChaos(lab, { ...options, onEvent }, stop.signal);
  process.stdout.write(`${renderReport(report)}\n`);
  return report.violations.length > 0 ? 1 : 0;
}

function readOptions(): { readonly minutes: number; readonly seed: number } | string {
  let values;
  try {
    const options = {
      minutes: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean", short: "h" },
    } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`;
  }
  if (values.help === true) return USAGE;
  const minutes = Number(values.minutes ?? 4);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (!(minutes >= 1 && minutes <= 1_440)) return `--minutes ${values.minutes} is not between 1 and 1440\n${USAGE}`;
  if (!Number.isSafeInteger(seed)) return `--seed ${values.seed} is not a whole number\n${USAGE}`;
  return { minutes, seed };
}

process.exitCode = await main();
