import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import type { Report } from "../report.ts";

const reportSchema = z.object({ text: z.string(), json: z.unknown() });
const RUN = fileURLToPath(new URL("../../../../tests/lab/src/bench/run.ts", import.meta.url));

/**
 * The benchmarks that need machines: they live with the lab's tests, which know how to drive a lab, and run as a process of their own.
 * @throws {CodedError} SETUP_FAILED where no lab can be booted, or it is gone half way
 */
export async function benchInLab(name: "start" | "idle", signal: AbortSignal): Promise<Report> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", RUN, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  const ended = Promise.withResolvers<number | null>();
  child.on("error", ended.reject).on("close", ended.resolve);
  const [said, code] = await Promise.all([text(child.stdout), ended.promise]);
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  if (code !== 0) throw new CodedError("SETUP_FAILED", { message: `the benchmark in the lab ended with ${code}` });
  return reportSchema.parse(JSON.parse(said));
}
