import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EngineProcessOptions } from "./engine-process.ts";

export type EngineProcess = AsyncDisposable & { readonly pid: number };

/** Resolves when it leads. What it warns of goes to stderr. */
export async function startEngineProcess(options: EngineProcessOptions): Promise<EngineProcess> {
  const child = fork(fileURLToPath(new URL("engine-process.ts", import.meta.url)), [JSON.stringify(options)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const leads = Promise.withResolvers<void>();
  child.on("message", (role) => role === "leader" && leads.resolve());
  await Promise.race([
    leads.promise,
    exited.then(([code]) => Promise.reject(new Error(`the engine ended with ${code} before it led`))),
  ]);
  if (child.pid === undefined) throw new Error("the engine has no process");
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
