import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { ControlError } from "../control/control-error.ts";
import { followLab } from "./follow-lab.ts";
import { askLab } from "./lab-client.ts";

/** What the page may do to a machine. */
const VERBS = ["kill", "boot", "freeze", "thaw", "cut", "heal"];

const MACHINE = /^[a-z][a-z0-9-]{0,31}$/;

/** The lab as the page sees it: its events, and the buttons on its machines. */
export function labRoutes(socket: string | undefined, signal: AbortSignal): Hono {
  const app = new Hono();

  app.get("/sandbox/lab/events", (context) =>
    streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      for await (const data of followLab(socket, AbortSignal.any([signal, gone.signal])))
        await stream.writeSSE({ data });
    }),
  );

  app.post("/sandbox/lab/machines/:machine/:verb", async (context) => {
    const { machine, verb } = context.req.param();
    if (!MACHINE.test(machine) || !VERBS.includes(verb))
      throw new ControlError(404, "NOT_FOUND", `no ${verb} for ${machine}`);
    if (socket === undefined)
      throw new ControlError(502, "LAB_NOT_RUNNING", "the sandbox runs without a lab; try npm start");
    const { status, body } = await askLab(socket, { method: "POST", path: `/machines/${machine}/${verb}` }, signal);
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  });

  return app;
}
