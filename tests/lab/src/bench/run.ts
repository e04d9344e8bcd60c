// `npm run bench -- start|idle` runs this: a lab of its own, and the report as one JSON document on stdout.
import { createLabHandle } from "../create-lab-handle.ts";
import { makeTestHome, npmStart } from "../npm-start.ts";
import { labArgv, runProcess } from "../run-process.ts";
import { measureIdle } from "./measure-idle.ts";
import { measureStart } from "./measure-start.ts";
import { openLabCluster } from "./open-lab-cluster.ts";
import { renderIdle } from "./render-idle.ts";
import { renderStart } from "./render-start.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

async function main(name: string | undefined): Promise<number> {
  if (name !== "start" && name !== "idle") {
    process.stderr.write("run.ts start|idle\n");
    return 2;
  }
  say("booting a lab");
  const home = makeTestHome("bench");
  await runProcess(labArgv(["reset", "--yes"]), { env: { QUARTERDECK_HOME: home } });
  await using started = await npmStart(home);
  const lab = createLabHandle(() => started);
  await lab.settled();
  await using cluster = await openLabCluster(home, stop.signal);
  const report = name === "start" ? await reportStart() : await reportIdle();
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return 0;

  async function reportStart() {
    const json = await measureStart({ lab, cluster, say }, stop.signal);
    return { text: renderStart(json), json };
  }
  async function reportIdle() {
    const json = await measureIdle({ lab, cluster, say }, stop.signal);
    return { text: renderIdle(json), json };
  }
}

process.exitCode = await main(process.argv[2]);
