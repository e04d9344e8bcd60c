import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";

/** A machine or unit as the lab's events show them. */
type Shown = Readonly<Record<string, unknown>>;

/** A lab for tests: tells what it is told to tell, and notes what it is asked. */
export type FakeLab = AsyncDisposable & {
  /** `POST` paths received, in order. */
  readonly asked: readonly string[];
  showMachines(machines: readonly Shown[]): void;
  showUnits(units: readonly Shown[]): void;
  showLine(line: string): void;
};

/** Serves the lab's supervisor API on a unix socket; each `POST` first runs `onAsk`. */
export async function startFakeLab(
  socket: string,
  onAsk: (path: string, lab: FakeLab) => void = () => {},
): Promise<FakeLab> {
  const listeners = new Set<ServerResponse>();
  const last = new Map<string, Shown>();
  const asked: string[] = [];
  const tell = (event: Shown) => {
    last.set(String(event["type"]), event);
    for (const listener of listeners) listener.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      asked.push(request.url ?? "");
      onAsk(request.url ?? "", lab);
      response.setHeader("content-type", "application/json");
      return response.end("{}");
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of last.values()) response.write(`data: ${JSON.stringify(event)}\n\n`);
    listeners.add(response);
    request.on("close", () => listeners.delete(response));
  });
  server.listen(socket);
  await once(server, "listening");
  const lab: FakeLab = {
    asked,
    showMachines: (machines) => tell({ type: "machines", machines }),
    showUnits: (units) => tell({ type: "units", units }),
    showLine: (line) => tell({ type: "log", line }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return lab;
}
