import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { ControlError } from "../control/control-error.ts";

type LabCall = { readonly method: "GET" | "POST"; readonly path: string };

/** Opens a call to the lab's supervisor. @throws {ControlError} 502 LAB_NOT_RUNNING when nobody listens on `socket`. */
export async function openLab(
  socket: string,
  { method, path }: LabCall,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  // Never on a connection that was kept: the supervisor may close it in the moment in which it is used again.
  const call = request({ socketPath: socket, method, path, signal, headers: { host: "lab" }, agent: false });
  call.end();
  try {
    const [response] = (await once(call, "response")) as [IncomingMessage];
    return response;
  } catch (cause) {
    throw new ControlError(502, "LAB_NOT_RUNNING", "the lab does not answer; try npm start", { cause });
  }
}

/** Calls the lab and reads all it answers. */
export async function askLab(
  socket: string,
  call: LabCall,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await openLab(socket, call, signal);
  return { status: response.statusCode ?? 502, body: await text(response) };
}
