import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** One line of what etcd's own tools said. */
export type OwnFigure = { readonly tool: string; readonly said: string };

type Where = { readonly binaries: string; readonly endpoints: readonly string[] };

/** What is said of a tool that is not there. */
const NOT_INSTALLED = "not installed (go.etcd.io/etcd/tools/benchmark)";

/** Runs `etcdctl check perf`, and `benchmark` where it is installed beside etcd or on PATH; neither of them stops anything by failing. */
export async function measureWithEtcdsOwn(
  { binaries, endpoints }: Where,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<readonly OwnFigure[]> {
  const figures: OwnFigure[] = [];
  const at = `--endpoints=${endpoints.join(",")}`;
  const benchmark = await findBenchmark(binaries);
  if (benchmark === null) figures.push({ tool: "benchmark", said: NOT_INSTALLED });
  else
    for (const [clients, total] of [
      [1, 1_000],
      [1_000, 20_000],
    ] as const) {
      progress(`etcd's benchmark put, ${clients} at once`);
      const args = [
        at,
        "--conns=1",
        `--clients=${clients}`,
        "put",
        `--total=${total}`,
        "--key-size=24",
        "--val-size=165",
      ];
      const said = requestsPerSecond(await outputOf(benchmark, args, signal));
      figures.push({ tool: `benchmark put, ${clients} at once`, said });
    }
  progress("etcdctl check perf, which takes a minute");
  const said = checkPerfLines(await outputOf(join(binaries, "etcdctl"), [at, "check", "perf"], signal));
  figures.push(...said.map((line) => ({ tool: "etcdctl check perf", said: line })));
  return figures;
}

/** The lines that judge, without the progress bar before them; two of its complaints do not begin with FAIL. */
export function checkPerfLines(output: string): readonly string[] {
  const lines = output
    .split(/[\r\n]+/)
    .flatMap((line) => /(?:PASS|FAIL|Slowest|Stddev).*$/.exec(line)?.[0].trim() ?? []);
  return lines.length > 0 ? lines : [lastLine(output)];
}

/** From the summary of etcd's `benchmark`. */
export function requestsPerSecond(output: string): string {
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(output)?.[1];
  return rate === undefined ? lastLine(output) : `${Number(rate).toFixed(0)} puts a second`;
}

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";

async function findBenchmark(binaries: string): Promise<string | null> {
  for (const directory of [binaries, ...(process.env["PATH"] ?? "").split(delimiter)]) {
    const path = join(directory, "benchmark");
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here: the next directory may have it.
    }
  }
  return null;
}

/** All that it prints, whether it ends well or not. */
async function outputOf(command: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal, timeout: 180_000 });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", reject);
  child.on("close", () => resolve(Buffer.concat(chunks).toString()));
  return promise;
}
