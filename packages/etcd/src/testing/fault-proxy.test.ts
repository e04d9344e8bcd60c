import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { createAuthority, profiles } from "@quarterdeck/pki";
import { expect, test } from "vitest";
import { FaultProxy } from "./fault-proxy.ts";

type Here = AsyncDisposable & {
  readonly proxy: FaultProxy;
  readonly socket: Socket;
  /** What reached the server, and what came back from it. */
  readonly received: readonly string[];
  readonly said: readonly string[];
};

/** A server that answers in capitals, a proxy before it, and one connection. */
async function open(): Promise<Here> {
  const [received, said]: [string[], string[]] = [[], []];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    listen(socket, received);
    socket.on("data", (bytes) => socket.write(bytes.toString().toUpperCase()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await FaultProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { seed: 7 });
  const socket = connect({ port: Number(new URL(proxy.url).port), host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  listen(socket, said);
  const dispose = async (): Promise<void> => {
    socket.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  };
  return { proxy, socket, received, said, [Symbol.asyncDispose]: dispose };
}

function listen(socket: Socket, heard: string[]): void {
  socket.on("data", (bytes) => heard.push(bytes.toString()));
  socket.on("end", () => heard.push("end"));
  socket.on("error", () => heard.push("reset"));
}

test("without faults everything passes, and the end of either way after it", async () => {
  await using here = await open();
  here.socket.end("hello");
  await expect.poll(() => here.received.join("|")).toBe("hello|end");
  expect(here.said.join("")).toBe("HELLO");
});

test("held bytes arrive once the way is healed; dropped ones never, and their connection is reset", async () => {
  await using here = await open();
  here.proxy.impair({ blackhole: "hold" }, ["toClient"]);
  here.socket.write("one");
  await expect.poll(() => here.received).toEqual(["one"]);
  expect(here.said).toEqual([]);
  here.proxy.heal();
  await expect.poll(() => here.said).toEqual(["ONE"]);
  here.proxy.loseReplies();
  here.socket.write("two");
  await expect.poll(() => here.received).toEqual(["one", "two"]);
  here.proxy.heal();
  await expect.poll(() => here.said).toEqual(["ONE", "reset"]);
});

test("a delay holds for each chunk and keeps their order", async () => {
  await using here = await open();
  here.proxy.impair({ delayMs: 30, jitterMs: 40 }, ["toServer"]);
  const sentAt = performance.now();
  for (const letter of "abcdefgh") here.socket.write(letter);
  await expect.poll(() => here.said.join(""), { interval: 1 }).toBe("ABCDEFGH");
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(30);
});

test("a narrow way takes its time", async () => {
  await using here = await open();
  here.proxy.impair({ bytesPerSecond: 10_000 }, ["toClient"]);
  const sentAt = performance.now();
  here.socket.write("x".repeat(2_000));
  await expect.poll(() => here.said.join("").length, { interval: 1 }).toBe(2_000);
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(195);
});

test("a half-close ends one way and leaves the other", async () => {
  await using here = await open();
  here.socket.write("one");
  await expect.poll(() => here.said).toEqual(["ONE"]);
  here.proxy.halfClose("toClient");
  await expect.poll(() => here.said).toEqual(["ONE", "end"]);
  here.socket.write("two");
  await expect.poll(() => here.received).toEqual(["one", "two"]);
});

test("a cut resets what is open, and new connections are taken", async () => {
  await using here = await open();
  here.socket.write("one");
  await expect.poll(() => here.received).toEqual(["one"]);
  here.proxy.cut();
  await expect.poll(() => here.said).toContain("reset");
  const again = connect(Number(new URL(here.proxy.url).port), "127.0.0.1");
  again.write("two");
  expect(String((await once(again, "data"))[0])).toBe("TWO");
  again.destroy();
});

test("a stranded connection is told nothing and never heals, while new ones are well", async () => {
  await using here = await open();
  here.socket.write("one");
  await expect.poll(() => here.said).toEqual(["ONE"]);
  here.proxy.strand();
  here.socket.write("two");
  here.proxy.heal();
  const again = connect(Number(new URL(here.proxy.url).port), "127.0.0.1");
  again.write("three");
  expect(String((await once(again, "data"))[0])).toBe("THREE");
  here.socket.write("four");
  again.write("five");
  expect(String((await once(again, "data"))[0])).toBe("FIVE");
  expect([here.said, here.received]).toEqual([["ONE"], ["one", "three", "five"]]);
  again.destroy();
  here.proxy.cut();
  await expect.poll(() => here.said).toEqual(["ONE", "reset"]);
});

test("TLS passes through", async () => {
  const authority = await createAuthority("Quarterdeck test", new Date());
  const { cert, key } = await authority.issue(profiles.etcd({ ips: ["127.0.0.1"] }), { now: new Date() });
  const secure = createTlsServer({ cert, key }, (socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(secure, "listening");
  await using proxy = await FaultProxy.start(`https://127.0.0.1:${(secure.address() as AddressInfo).port}`);
  expect(proxy.url).toMatch(/^https:/);
  const socket = connectTls({ host: "127.0.0.1", port: Number(new URL(proxy.url).port), ca: authority.cert });
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  socket.destroy();
  secure.close();
});
