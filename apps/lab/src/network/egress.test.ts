import { expect, test } from "vitest";
import { parseNameServers } from "./egress.ts";

test("a name server on the host's loopback is no use inside a machine", () => {
  expect(
    parseNameServers("nameserver 127.0.0.53\nnameserver 192.0.2.1\nnameserver fe80::1\n# nameserver 192.0.2.9\n"),
  ).toEqual(["192.0.2.1"]);
});
