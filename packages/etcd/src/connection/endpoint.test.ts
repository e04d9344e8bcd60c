import type { ClientDuplexStream } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { Endpoint, type KeepAliveDuplex, type WatchDuplex } from "./endpoint.ts";

describe.skipIf(findEtcd() === null)(`an endpoint (${HOW_TO_GET_ETCD})`, { timeout: 30_000 }, () => {
  test("a stream that is cancelled as soon as it is made does not stay in etcd", async () => {
    await using server = await startEtcd();
    const endpoint = new Endpoint(server.url, null);
    // Each service has a channel of its own, over which nothing goes out before it has been used once.
    for (const open of [() => endpoint.watch(), () => endpoint.keepAlive()]) {
      await used(await open());
      for (let turn = 0; turn < 10; turn += 1) {
        const duplex = await open();
        duplex.on("error", () => {}).cancel();
      }
      await used(await open());
    }
    await expect.poll(() => openStreams(server.url), { timeout: 10_000 }).toBe(0);
    endpoint.close();
  });
});

/** Resolves when etcd has answered on a stream, and that was ended. */
async function used(duplex: WatchDuplex | KeepAliveDuplex): Promise<void> {
  const ended = new Promise((resolve) => duplex.on("error", resolve));
  (duplex as ClientDuplexStream<object, unknown>).write({ create_request: { key: Buffer.from("x") }, ID: "1" });
  duplex.on("data", () => duplex.cancel());
  await ended;
}

async function openStreams(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const count = (what: string): number =>
    [...text.matchAll(new RegExp(`^grpc_server_${what}_total\\{.*grpc_type="bidi_stream".*\\} (\\d+)$`, "gm"))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  return count("started") - count("handled");
}
