import type { IRequestOp, ITxnRequest } from "etcd3";
import { ConnectionPool } from "etcd3/lib/connection-pool.js";
import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { packRequest } from "./pack-request.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

type Codec = {
  readonly requestSerialize: (request: unknown) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
};

/** etcd3's own. */
let txn: Codec;
beforeAll(async () => {
  const pool = new ConnectionPool({ hosts: "127.0.0.1:1" });
  ({ txn } = await pool.withConnection("KV", ({ client }) => client as unknown as { readonly txn: Codec }));
  pool.close();
});

// Lengths that need one, two and three bytes to be told.
const bytes = fc
  .oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(0, 127, 128, 16_383, 16_384, 20_000).map((length) => new Uint8Array(length)),
  )
  .map((array) => Buffer.from(array));
const lease = fc.oneof(
  fc.constant("0"),
  fc.integer({ min: 1 }).map(String),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
);
const put = fc.oneof(fc.record({ key: bytes, value: bytes }), fc.record({ key: bytes, value: bytes, lease }));
const putOp = put.map((request_put): IRequestOp => ({ request_put }));
const otherOp = fc.oneof(
  bytes.map((key): IRequestOp => ({ request_range: { key } })),
  bytes.map((key): IRequestOp => ({ request_delete_range: { key } })),
  put.map((request_put): IRequestOp => ({ request_put: { ...request_put, prev_kv: true } })),
);
const compare = fc.record({
  key: bytes,
  target: fc.constantFrom("Create" as const, "Mod" as const),
  result: fc.constantFrom("Equal" as const, "Greater" as const),
  mod_revision: fc.integer({ min: 1 }).map(String),
});
const request = fc.record({
  compare: fc.array(compare, { maxLength: 3 }),
  success: fc.oneof(fc.array(putOp, { maxLength: 20 }), fc.array(fc.oneof(putOp, otherOp), { maxLength: 5 })),
  failure: fc.array(fc.oneof(putOp, otherOp), { maxLength: 3 }),
});

test("a transaction says what etcd3 makes it say", () => {
  const { requestSerialize, requestDeserialize } = txn;
  fc.assert(
    fc.property(request, (wanted) => {
      const packed = packRequest("txn", wanted, requestSerialize);
      expect(requestDeserialize(packed)).toEqual(requestDeserialize(requestSerialize(wanted)));
    }),
  );
});

test("only the puts are packed here, and only where there is nothing else", () => {
  const left: ITxnRequest[] = [];
  const encode = (value: unknown): Buffer => {
    left.push(value as ITxnRequest);
    return Buffer.alloc(0);
  };
  const key = Buffer.from("k");
  const plain = { request_put: { key, value: key } };
  const packed = packRequest("txn", { compare: [], success: [plain] }, encode);
  expect(left.pop()).toEqual({ compare: [] });
  expect([...packed]).toEqual([0x12, 8, 0x12, 6, 0x0a, 1, 0x6b, 0x12, 1, 0x6b]);
  for (const success of [
    [plain, { request_range: { key } }],
    [{ request_put: { key, value: key, prev_kv: true } }],
    [{ request_put: { key, value: "text" } }],
    [{ request_put: { key, value: key }, request_range: { key } }],
  ]) {
    expect(packRequest("txn", { success }, encode).length).toBe(0);
    expect(left.pop()).toEqual({ success });
  }
});

test("all other requests are etcd3's", () => {
  const sent = Buffer.from([1]);
  expect(packRequest("put", { key: "k" }, () => sent)).toBe(sent);
});
