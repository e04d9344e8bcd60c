import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askLab } from "./lab-client.ts";

test("each call has a connection of its own, so that none is sent into one that is just being closed", async ({
  signal,
}) => {
  const folder = await mkdtemp(join(tmpdir(), "quarterdeck-lab-client-"));
  const socket = join(folder, "lab.sock");
  const server = createServer((_, response) => response.end("[]"));
  let connections = 0;
  server.on("connection", () => (connections += 1));
  try {
    server.listen(socket);
    await once(server, "listening");
    for (let call = 0; call < 3; call += 1)
      expect(await askLab(socket, { method: "GET", path: "/machines" }, signal)).toEqual({ status: 200, body: "[]" });
    expect(connections).toBe(3);
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
});

test("a lab that is not there is said to be so, with what to type", async ({ signal }) => {
  await expect(askLab("/nowhere/lab.sock", { method: "GET", path: "/machines" }, signal)).rejects.toThrow(
    "the lab does not answer; try npm start",
  );
});
