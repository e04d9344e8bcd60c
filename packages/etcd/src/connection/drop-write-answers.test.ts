import type { ITxnResponse } from "etcd3";
import { ConnectionPool } from "etcd3/lib/connection-pool.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dropWriteAnswers } from "./drop-write-answers.ts";

type Codec = {
  readonly responseSerialize: (response: unknown) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => ITxnResponse;
};

/** etcd3's own, as it is used for the answers. */
async function codec(): Promise<Codec> {
  const pool = new ConnectionPool({ hosts: "127.0.0.1:1" });
  try {
    return await pool.withConnection("KV", ({ client }) => (client as unknown as { readonly txn: Codec }).txn);
  } finally {
    pool.close();
  }
}

const header = fc.record({
  cluster_id: fc.bigInt(0n, 2n ** 64n - 1n).map(String),
  revision: fc.bigInt(0n, 2n ** 63n - 1n).map(String),
});
const kv = fc.record({
  key: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  value: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const read = fc.record({ response_range: fc.record({ header, kvs: fc.array(kv, { maxLength: 3 }) }) });
const write = fc.oneof(
  fc.record({ response_put: fc.record({ header }) }),
  fc.record({ response_put: fc.record({ header, prev_kv: kv }) }),
  fc.record({ response_delete_range: fc.record({ header, deleted: fc.nat(9).map(String) }) }),
);

test("what is left of any answer is its header, its outcome and the answers to its reads, in their order", async () => {
  const { responseSerialize, responseDeserialize } = await codec();
  fc.assert(
    fc.property(header, fc.boolean(), fc.array(fc.oneof(read, write)), (head, succeeded, responses) => {
      const whole = { header: head, succeeded, responses };
      const reads = responses.filter((response) => "response_range" in response);
      const left = responseDeserialize(dropWriteAnswers(responseSerialize(whole)));
      expect(left).toEqual(responseDeserialize(responseSerialize({ ...whole, responses: reads })));
      expect(left.responses.length).toBe(reads.length);
    }),
  );
});

test("bytes that are no answer of a transaction come back as they are", () => {
  fc.assert(
    fc.property(
      fc.constantFrom([0x1b], [0x1a, 200], [0x1a, 0xff], [0x9a, 1, 2, 0x12, 0], [0x1d, 1, 2, 3, 4], [0x10]),
      (broken) => {
        // A put's answer before it, which would be dropped.
        const bytes = Buffer.from([0x1a, 2, 0x12, 0, ...broken]);
        expect(dropWriteAnswers(bytes)).toBe(bytes);
      },
    ),
  );
});
