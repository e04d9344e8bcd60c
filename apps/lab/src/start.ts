import { createServer } from "node:net";
import { CodedError } from "@quarterdeck/model";
import { homeFromEnvironment } from "./home.ts";
import { lockHolder } from "./lock.ts";
import { createProgress } from "./progress.ts";
import { readSettings } from "./settings.ts";
import { startLab } from "./start-lab.ts";
import { createStopSignal } from "./stop-signal.ts";

/** `npm start`: brings the lab up, says Ready, and stays until it is told to stop. */
export async function start(environment: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now();
  const progress = createProgress((line) => process.stdout.write(`lab: ${line}\n`));
  const settings = readSettings(environment);
  const stop = createStopSignal();
  const home = homeFromEnvironment(environment);
  // A lab of this home that runs already has the port too; the lock says more about it.
  const port = (await lockHolder(home.lock)) === null ? await reservePort(settings.port) : settings.port;
  try {
    await using running = await startLab({ ...settings, port, home, runs: "all", progress }, stop);
    progress.say(`up in ${((performance.now() - began) / 1000).toFixed(1)} s, ${running.lab.list().length} machines`);
    process.stdout.write(`Ready: http://127.0.0.1:${port}\n${TRY}`);
    await new Promise<void>((done) => stop.addEventListener("abort", () => done(), { once: true }));
    progress.say("stopping");
  } catch (error) {
    // Told to stop while starting: what was begun is undone by now, and that is what was asked for.
    if (!stop.aborted) throw error;
  }
  progress.say("stopped; nothing is left but the home");
  return 0;
}

const TRY = `  npx fleet status
  npx fleet start hello.service
  npx lab kill m2
`;

/** The port itself if nobody listens there, or a free one for 0. @throws {CodedError} ALREADY_RUNNING */
function reservePort(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (cause) =>
      fail(
        new CodedError(
          "ALREADY_RUNNING",
          {
            message: `port ${port} of 127.0.0.1 is in use`,
            why: cause.message,
            try: `stop what listens there, or set QUARTERDECK_PORT`,
          },
          { cause },
        ),
      ),
    );
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
