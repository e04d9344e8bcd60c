import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsMaterial } from "@quarterdeck/etcd";
import { runFleet } from "../main.ts";
import { fakeTerminal } from "./fake-terminal.ts";

/** What one `fleet` said. */
export type Said = { readonly exitCode: number; readonly out: string; readonly err: string };

/** A home with a context `local`, and `fleet` run in it. */
export type ClusterHome = AsyncDisposable & {
  readonly directory: string;
  readonly contextPath: string;
  /** Paths of what the context names. */
  readonly files: TlsMaterial;
  fleet(...argv: readonly string[]): Promise<Said>;
  /** With this on its standard input. */
  fleetReading(input: Uint8Array, ...argv: readonly string[]): Promise<Said>;
  /** Writes the context anew with other fields. */
  writeContext(more: Readonly<Record<string, unknown>>): Promise<void>;
};

type HomeOptions = { readonly endpoints: readonly string[]; readonly tls: TlsMaterial; readonly user: string };

/** `tls` holds PEM texts, as a test's authority issues them. */
export async function makeClusterHome({ endpoints, tls, user }: HomeOptions): Promise<ClusterHome> {
  const directory = await mkdtemp(join(tmpdir(), "fleet-"));
  const contextPath = join(directory, "contexts", "local.json");
  const files = { ca: join(directory, "ca.pem"), cert: join(directory, "me.pem"), key: join(directory, "me-key.pem") };
  await mkdir(join(directory, "contexts"));
  const text = { mode: 0o600 };
  await Promise.all([
    writeFile(files.ca, tls.ca, text),
    writeFile(files.cert, tls.cert, text),
    writeFile(files.key, tls.key, text),
  ]);
  const environment = { QUARTERDECK_HOME: directory, QUARTERDECK_CONFIG: join(directory, "quarterdeck.toml") };
  const fleetReading = async (input: Uint8Array, ...argv: readonly string[]): Promise<Said> => {
    const terminal = fakeTerminal({ environment, workingDirectory: directory, stdin: [input] });
    const exitCode = await runFleet(argv, terminal, AbortSignal.timeout(60_000));
    return { exitCode, out: terminal.out(), err: terminal.err() };
  };
  const writeContext: ClusterHome["writeContext"] = (more) =>
    writeFile(
      contextPath,
      JSON.stringify({
        name: "local",
        endpoints,
        prefix: "/quarterdeck/",
        ...files,
        user,
        transport: "direct",
        ...more,
      }),
      text,
    );
  await writeContext({});
  return {
    directory,
    contextPath,
    files,
    writeContext,
    fleetReading,
    fleet: (...argv) => fleetReading(new Uint8Array(), ...argv),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}
