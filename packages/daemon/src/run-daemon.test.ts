import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "quarterdeck-daemon-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const config = join(dir, "quarterdeck.toml");
writeFileSync(
  config,
  '[machine]\nhostname = "m1"\naddress = "10.0.0.1"\n[etcd]\nendpoints = ["https://10.0.0.1:2379"]\n',
);

/** Runs `body` as a role in a process of its own; `onOutput` may signal it. */
async function runRole(
  body: string,
  onOutput: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
) {
  const script = `import { runDaemon } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    process.exitCode = await runDaemon("test", async ({ config, log, notifier }, signal) => { ${body} });`;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script],
    {
      env: { ...process.env, QUARTERDECK_CONFIG: config, JOURNAL_STREAM: "1:2", NOTIFY_SOCKET: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  child.stdout.on("data", (chunk: Buffer) => onOutput(chunk.toString(), (signal) => child.kill(signal)));
  const output = text(child.stdout);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  return { code: await promise, output: await output };
}

test("a role that ends by itself ends with 0, and its lines carry the journal's priority", async () => {
  const { code, output } = await runRole('log.warn("careful"); log.info({ host: config.machine.hostname }, "fine");');
  expect(code).toBe(0);
  expect(output).toMatch(/^<4>\{.*"careful"/m);
  expect(output).toMatch(/^<6>\{.*"m1".*"fine"/m);
});

test("SIGTERM aborts the signal and is no failure", async () => {
  const { code } = await runRole(
    'log.info("up"); const alive = setInterval(() => {}, 1000); await new Promise((_, reject) => signal.addEventListener("abort", () => { clearInterval(alive); reject(new Error("stopped")); }));',
    (_line, kill) => kill("SIGTERM"),
  );
  expect(code).toBe(0);
});

test("an error ends the role with 1 and is logged with its code", async () => {
  const { code, output } = await runRole('throw new TypeError("broken");');
  expect(code).toBe(1);
  expect(output).toMatch(/^<2>\{.*"INTERNAL".*broken/m);
});

test("a rejection that nobody waits for ends the role instead of leaving it half alive", async () => {
  const { code, output } = await runRole(
    'void Promise.reject(new Error("forgotten")); await new Promise((done) => setTimeout(done, 5000));',
  );
  expect(code).toBe(1);
  expect(output).toContain("forgotten");
});
