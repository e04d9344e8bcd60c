import { readFile } from "node:fs/promises";
import type { PeerCertificate } from "node:tls";
import type { TlsMaterial } from "@quarterdeck/etcd";
import { CodedError, problemSchema, type MachineId } from "@quarterdeck/model";
import type { AgentAddress, AgentReader, JournalQuery } from "../agent-reader.ts";
import { journalLine } from "./journal-line.ts";
import { splitLines } from "./split-lines.ts";

/**
 * Asks agents over HTTPS with both sides' certificates. Whoever answers must hold the certificate of that very machine (`machine:<id>`), so
 * that an address that moved to another machine is noticed.
 */
export function createHttpsAgentReader(tls: TlsMaterial): AgentReader {
  let pem: Promise<TlsMaterial> | undefined;
  return {
    async *journal(at, query, signal) {
      pem ??= readPem(tls);
      const path = `/v1/journal?${journalSearch(query).toString()}`;
      for await (const line of get(at, path, { tls: await pem, endless: query.follow }, signal))
        yield query.format === undefined ? journalLine(line) : line;
    },
    async status(at, { unit, lines }, signal) {
      pem ??= readPem(tls);
      const path = `/v1/status-text?${new URLSearchParams({ unit, lines: String(lines) }).toString()}`;
      return (await Array.fromAsync(get(at, path, { tls: await pem, endless: false }, signal))).join("\n");
    },
  };
}

function journalSearch({ unit, lines, follow, sinceSeconds, grep, format }: JournalQuery): URLSearchParams {
  return new URLSearchParams({
    unit,
    lines: String(lines),
    ...(follow ? { follow: "true" } : {}),
    ...(sinceSeconds === undefined ? {} : { since: String(sinceSeconds) }),
    ...(grep === undefined ? {} : { grep }),
    ...(format === undefined ? {} : { format }),
  });
}

type Options = { readonly tls: TlsMaterial; readonly endless: boolean };

async function* get(at: AgentAddress, path: string, options: Options, signal: AbortSignal): AsyncIterable<string> {
  // Loaded late: most commands never speak to an agent.
  const { Client } = await import("undici");
  const host = at.address.includes(":") ? `[${at.address}]` : at.address;
  const client = new Client(`https://${host}:${at.port}`, {
    connect: {
      ...options.tls,
      timeout: 3000,
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkMachine(at.machine, certificate),
    },
    bodyTimeout: options.endless ? 0 : 10_000,
    headersTimeout: 10_000,
  });
  try {
    const response = await client.request({ method: "GET", path, signal });
    if (response.statusCode !== 200) throw refusal(at, response.statusCode, await response.body.text());
    yield* splitLines(response.body);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof CodedError ? error : unreachable(at, error);
  } finally {
    await client.destroy();
  }
}

/** The name in the certificate instead of the host: the id is what we asked for, the address only where it was. */
function checkMachine(machine: MachineId, certificate: PeerCertificate): Error | undefined {
  const name: unknown = certificate.subject?.CN;
  if (name === `machine:${machine}`) return undefined;
  return new CodedError("INVALID_CERTIFICATE", {
    message: `another machine answers at this address: ${typeof name === "string" ? name : "a certificate without a name"}`,
    why: `the certificate of machine:${machine} was expected`,
    try: "fleet list-machines",
  });
}

function refusal(at: AgentAddress, statusCode: number, body: string): CodedError {
  const problem = problemSchema.safeParse(parseJson(body));
  if (problem.success) {
    const { code, ...fields } = problem.data;
    return new CodedError(code, fields);
  }
  const code =
    statusCode === 403 || statusCode === 401 ? "FORBIDDEN" : statusCode === 404 ? "NOT_FOUND" : "MACHINE_UNREACHABLE";
  return new CodedError(code, { message: `the agent at ${at.address} answered ${statusCode}`, try: "fleet status" });
}

/** The agent answers `{"error": …}`; something in between may answer anything. */
function parseJson(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && "error" in parsed ? parsed.error : parsed;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function unreachable(at: AgentAddress, cause: unknown): CodedError {
  const coded = cause instanceof Error && cause.cause instanceof CodedError ? cause.cause : null;
  if (coded !== null) return coded;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CodedError(
    "MACHINE_UNREACHABLE",
    { message: `the agent at ${at.address}:${at.port} does not answer`, why, try: "fleet list-machines" },
    { cause },
  );
}

async function readPem(tls: TlsMaterial): Promise<TlsMaterial> {
  const read = async (value: string): Promise<string> =>
    value.includes("-----BEGIN") ? value : readFile(value, "utf8");
  return { ca: await read(tls.ca), cert: await read(tls.cert), key: await read(tls.key) };
}
