import type { ITxnResponse } from "etcd3";
import { ConnectionPool } from "etcd3/lib/connection-pool.js";
import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { unpackAnswer } from "./unpack-answer.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

type Codec = {
  readonly responseSerialize: (response: unknown) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
};

/** etcd3's own. */
let codecs: { readonly range: Codec; readonly txn: Codec };
beforeAll(async () => {
  const pool = new ConnectionPool({ hosts: "127.0.0.1:1" });
  codecs = await pool.withConnection("KV", ({ client }) => client as unknown as typeof codecs);
  pool.close();
});

// Small numbers are sent in few bytes, negative ones in ten.
const int64 = fc.oneof(fc.integer(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map(String);
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const header = fc.record({ cluster_id: fc.bigInt(0n, 2n ** 64n - 1n).map(String), revision: int64 });
const kv = fc.record({
  key: bytes,
  value: bytes,
  create_revision: int64,
  mod_revision: int64,
  version: int64,
  lease: int64,
});
const range = fc.record({ header, kvs: fc.array(kv), more: fc.boolean(), count: int64 });
const read = fc.record({ response_range: range });
const write = fc.oneof(
  fc.record({ response_put: fc.record({ header }) }),
  fc.record({ response_put: fc.record({ header, prev_kv: kv }) }),
  fc.record({ response_delete_range: fc.record({ header, deleted: int64 }) }),
);

test("the answer to a read is what etcd3 makes of it", () => {
  const { responseSerialize, responseDeserialize } = codecs.range;
  fc.assert(
    fc.property(range, (answer) => {
      const sent = responseSerialize(answer);
      expect(unpackAnswer("range", sent, responseDeserialize)).toEqual(responseDeserialize(sent));
    }),
  );
});

test("of a transaction's answer its header, its outcome and the answers to its reads are left, in their order", () => {
  const { responseSerialize, responseDeserialize } = codecs.txn;
  fc.assert(
    fc.property(header, fc.boolean(), fc.array(fc.oneof(read, write)), (head, succeeded, responses) => {
      const whole = { header: head, succeeded, responses };
      const reads = responses.filter((response) => "response_range" in response);
      const left = unpackAnswer("txn", responseSerialize(whole), responseDeserialize) as ITxnResponse;
      expect(left).toEqual(responseDeserialize(responseSerialize({ ...whole, responses: reads })));
      expect(left.responses.length).toBe(reads.length);
    }),
  );
});

test.each([
  { what: "a group", broken: [0x1b] },
  { what: "a length that is cut off", broken: [0x1a, 200] },
  { what: "a length without end", broken: [0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0] },
  { what: "a field that is longer than the message", broken: [0x1a, 9, 0x12] },
  { what: "a fixed number", broken: [0x1d, 1, 2, 3, 4] },
  { what: "a number without end", broken: [0x10, ...Array.from({ length: 10 }, () => 0xff), 0x10, 1] },
  { what: "a number that is cut off", broken: [0x10, 0xff] },
])("$what is left to etcd3, whole", ({ broken }) => {
  // Before it what would be taken out: a key-value, and a put's answer.
  for (const [name, before] of [
    ["range", [0x12, 2, 0x0a, 0]],
    ["txn", [0x1a, 2, 0x12, 0]],
  ] as const) {
    const sent = Buffer.from([...before, ...broken]);
    expect(unpackAnswer(name, sent, (given) => given)).toBe(sent);
  }
});

test("an empty answer in a transaction's stays, whatever stands behind it", () => {
  const sent = Buffer.from([0x1a, 0, 0x1a, 2, 0x0a, 0]);
  expect(unpackAnswer("txn", sent, (given) => given)).toEqual(sent);
});

test("all other answers are etcd3's", () => {
  const sent = Buffer.from([0x1a, 2, 0x12, 0]);
  expect(unpackAnswer("put", sent, (given) => given)).toBe(sent);
});
