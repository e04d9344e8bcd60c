import { request as requestHttp, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { connect } from "node:net";
import { assertNever } from "@quarterdeck/model";
import type { HealthCheck } from "@quarterdeck/units";
import type { ProbeResult } from "./derive-health.ts";
import { probeExec } from "./probe-exec.ts";

/** Asks once, and takes no answer within `timeoutMs` for a failure; never rejects but for the signal. */
export type Probe = (check: HealthCheck, timeoutMs: number, signal: AbortSignal) => Promise<ProbeResult>;

export const probe: Probe = async (check, timeoutMs, signal) => {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  try {
    return await ask(check, either);
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted)
      return {
        ok: false,
        definite: false,
        detail: `no answer from ${nameOf(check)} within ${timeoutMs / 1000} s`,
      };
    const code = (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));
    return { ok: false, definite: false, detail: `${nameOf(check)}: ${code}` };
  }
};

function ask(check: HealthCheck, signal: AbortSignal): Promise<ProbeResult> {
  switch (check.kind) {
    case "http":
      return probeHttp(check, signal);
    case "tcp":
      return probeTcp(check, signal);
    case "exec":
      return probeExec(check.argv, signal);
    case "systemd":
      // Only units that are active are asked about.
      return Promise.resolve({ ok: true, definite: true, detail: "systemd says active" });
    default:
      return assertNever(check);
  }
}

function nameOf(check: HealthCheck): string {
  if (check.kind === "exec") return check.argv.join(" ");
  if (check.kind === "systemd") return "systemd";
  const host = check.host.includes(":") ? `[${check.host}]` : check.host;
  return check.kind === "tcp"
    ? `tcp://${host}:${check.port}`
    : `${check.tls ? "https" : "http"}://${host}:${check.port}${check.path}`;
}

/** 200 to 399 is well; redirects are not followed. A unit's own certificate is not checked: it is asked on its own machine. */
function probeHttp(check: Extract<HealthCheck, { kind: "http" }>, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      host: check.host,
      port: check.port,
      path: check.path,
      signal,
      agent: false,
      headers: { "user-agent": "quarterdeck-agent" },
    };
    const request = check.tls ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
    request.on("response", (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      const ok = status >= 200 && status < 400;
      resolve({ ok, definite: true, detail: `HTTP ${status} from ${nameOf(check)}` });
    });
    request.on("error", reject);
    request.end();
  });
}

function probeTcp(check: Extract<HealthCheck, { kind: "tcp" }>, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: check.host, port: check.port, signal });
    socket.on("connect", () => {
      socket.destroy();
      resolve({ ok: true, definite: true, detail: `${nameOf(check)} accepts connections` });
    });
    socket.on("error", reject);
  });
}
