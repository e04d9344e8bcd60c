import { refuse, succeed, type Result } from "@quarterdeck/model";
import { parseWords } from "./parse-words.ts";
import { unitFault } from "./unit-fault.ts";

/** What to ask to know whether a unit is well; asked from the unit's own machine. */
export type HealthCheck =
  | {
      readonly kind: "http";
      readonly tls: boolean;
      readonly host: string;
      readonly port: number;
      readonly path: string;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** A program with its arguments, no shell; well is exit code 0. */
  | { readonly kind: "exec"; readonly argv: readonly [string, ...string[]] }
  /** What systemd says is all: well while active. */
  | { readonly kind: "systemd" };

const HOST = String.raw`([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9a-fA-F:.]{2,45}\])`;
const HTTP = new RegExp(String.raw`^(https?)://${HOST}(?::([0-9]{1,5}))?(/[\x21-\x7e]*)?$`);
const TCP = new RegExp(String.raw`^tcp://${HOST}:([0-9]{1,5})$`);

/** Reads `http://host[:port][/path]`, `https://…`, `tcp://host:port`, `exec:/program argument…` with systemd's quotes, or `systemd`. IPv6 addresses stand in brackets, which `host` leaves out. */
export function parseHealthCheck(text: string): Result<HealthCheck> {
  const bad = refuse(
    unitFault(
      `${JSON.stringify(text)} is not a health check`,
      "write http://localhost:8080/healthz, tcp://localhost:5432, exec:/usr/bin/check --quick or systemd",
    ),
  );
  if (text === "systemd") return succeed({ kind: "systemd" });
  if (text.startsWith("exec:")) {
    const words = parseWords(text.slice("exec:".length));
    if (!words.ok) return words;
    const [program, ...rest] = words.value;
    if (program === undefined || !program.startsWith("/") || words.value.some((word) => word.includes("\0")))
      return bad;
    return succeed({ kind: "exec", argv: [program, ...rest] });
  }
  const tcp = TCP.exec(text);
  if (tcp !== null) {
    const port = Number(tcp[2]);
    return isPort(port) ? succeed({ kind: "tcp", host: bare(tcp[1] ?? ""), port }) : bad;
  }
  const http = HTTP.exec(text);
  if (http === null) return bad;
  const tls = http[1] === "https";
  const port = http[3] === undefined ? (tls ? 443 : 80) : Number(http[3]);
  return isPort(port) ? succeed({ kind: "http", tls, host: bare(http[2] ?? ""), port, path: http[4] ?? "/" }) : bad;
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

function bare(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
