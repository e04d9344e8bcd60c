import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LabHome } from "./home.ts";
import { startHostProcess, type HostProcess } from "./host-process.ts";
import type { LabState } from "./lab-state.ts";

const ENTRY = join(import.meta.dirname, "../../sandbox/src/run.ts");

export type SandboxOptions = {
  readonly home: LabHome;
  readonly state: LabState;
  readonly port: number;
  readonly bridgeAddress: string;
  readonly cgroupEntries: readonly string[];
};

/** Starts the stand-in for Slack, which serves the page people open. */
export async function startSandbox(options: SandboxOptions, signal: AbortSignal): Promise<HostProcess> {
  const { home, state } = options;
  await mkdir(home.sandbox, { recursive: true });
  const argv = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    ENTRY,
    "--port",
    String(options.port),
    "--bridge",
    options.bridgeAddress,
    "--lab-socket",
    home.controlSocket,
    "--state",
    home.sandbox,
    "--bot-token",
    state.botToken,
    "--app-token",
    state.appToken,
  ];
  return startHostProcess(
    {
      argv,
      env: process.env,
      log: join(home.run, "sandbox.log"),
      cgroupEntries: options.cgroupEntries,
      readyLine: "sandbox ready",
    },
    signal,
  );
}
