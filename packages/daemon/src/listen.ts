import { once } from "node:events";
import type { Server } from "node:https";

/**
 * Lets a server answer until it is disposed, which also ends what is under way. `address`: the one to listen on; `null` for all of them. `port` is the
 * one it got when 0 was asked for. Rejects with Node's own error where the port cannot be had.
 */
export async function listen(
  server: Server,
  { port, address: listenOn }: { readonly port: number; readonly address: string | null },
): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(port, listenOn ?? undefined);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
