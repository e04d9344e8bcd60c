import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { CodedError, problemOf } from "@quarterdeck/model";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { LabControl } from "./lab-control.ts";

const cutSchema = z.strictObject({ from: z.string().nullable().default(null) });
const slowSchema = z.strictObject({
  lossPerMille: z.int().min(0).max(1000).default(0),
  bitsPerSecond: z.int().min(8000).nullable().default(null),
});
const nothing = z.strictObject({});

/** Serves the lab's controls and events over a unix socket that only its owner may open. */
export async function startControlServer(
  socket: string,
  lab: LabControl,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await mkdir(dirname(socket), { recursive: true });
  await rm(socket, { force: true });
  const server = createAdaptorServer({ fetch: controlApi(lab, signal).fetch });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(socket, done);
    });
  } finally {
    process.umask(before);
  }
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** The routes: `GET /machines`, `POST /machines`, `POST /machines/<m>/<verb>`, `POST /heal`, `GET /events`. Failures are `{problem}`. */
export function controlApi(lab: LabControl, signal: AbortSignal): Hono {
  const api = new Hono();
  api.onError((error, context) => context.json({ problem: problemOf(error) }, 409));
  api.get("/machines", (context) => context.json(lab.list()));
  api.post("/machines", async (context) => context.json(await lab.add(signal)));
  api.post("/heal", async (context) => {
    await lab.heal(null, signal);
    return context.json(lab.list());
  });
  api.post("/machines/:name/:verb", async (context) => {
    const text = await context.req.text();
    await act(lab, { name: context.req.param("name"), verb: context.req.param("verb"), body: parseBody(text) }, signal);
    lab.events.publish({ type: "log", line: `lab ${context.req.param("verb")} ${context.req.param("name")}` });
    return context.json(lab.list());
  });
  api.get("/events", (context) =>
    streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const events = lab.events.follow(AbortSignal.any([signal, gone.signal]));
      for await (const event of events) await stream.writeSSE({ data: JSON.stringify(event) });
    }),
  );
  return api;
}

function parseBody(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError("INVALID_JSON", { message: "the body is not JSON" }, { cause });
  }
}

type Act = { readonly name: string; readonly verb: string; readonly body: unknown };

async function act(lab: LabControl, { name, verb, body }: Act, signal: AbortSignal): Promise<void> {
  if (verb === "cut") return lab.cut(name, check(cutSchema, body).from, signal);
  if (verb === "slow") return lab.slow(name, check(slowSchema, body), signal);
  check(nothing, body);
  const plain = Object.hasOwn(PLAIN_VERBS, verb) ? PLAIN_VERBS[verb] : undefined;
  if (plain === undefined)
    throw new CodedError("USAGE", {
      message: `unknown verb ${JSON.stringify(verb)}`,
      why: `known: ${Object.keys(PLAIN_VERBS).join(" ")} cut slow`,
    });
  await plain(lab, name, signal);
}

const PLAIN_VERBS: Readonly<Record<string, (lab: LabControl, name: string, signal: AbortSignal) => Promise<void>>> = {
  kill: (lab, name, signal) => lab.kill(name, signal),
  "power-off": (lab, name, signal) => lab.powerOff(name, signal),
  boot: (lab, name, signal) => lab.boot(name, signal),
  reboot: (lab, name, signal) => lab.reboot(name, signal),
  freeze: (lab, name, signal) => lab.freeze(name, signal),
  thaw: (lab, name, signal) => lab.thaw(name, signal),
  heal: (lab, name, signal) => lab.heal(name, signal),
  "disk-full": (lab, name, signal) => lab.diskFull(name, signal),
};

function check<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new CodedError("INVALID_JSON", {
    message: `body: ${parsed.error.issues[0]?.path.join(".") ?? ""} ${parsed.error.issues[0]?.message ?? "invalid"}`,
  });
}
