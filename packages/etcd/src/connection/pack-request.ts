import type { IPutRequest, IRequestOp, ITxnRequest } from "etcd3";
import type { RpcName } from "./rpcs.ts";
import { sizeOfField, sizeOfNumber, WireWriter } from "./wire-writer.ts";

type Encode = (request: unknown) => Buffer;

/** Tags of messages, as the wire has them. @see etcd api/etcdserverpb/rpc.proto */
const TXN_SUCCESS = 0x12;
const OP_PUT = 0x12;
const PUT_KEY = 0x0a;
const PUT_VALUE = 0x12;
const PUT_LEASE = 0x18;

/** What a put of ours is made of; one with more is left to etcd3. */
const KNOWN: ReadonlySet<string> = new Set(["key", "value", "lease"]);

/**
 * Packs a request as `encode`, which is etcd3's, does, but for the puts of a transaction that only puts: they are packed here, in one go into one
 * buffer, which is most of the work of a large write. What is not understood is left to `encode`.
 */
export function packRequest(name: RpcName, request: unknown, encode: Encode): Buffer {
  if (name !== "txn") return encode(request);
  const { success = [], ...rest } = request as ITxnRequest;
  const puts = success.map(plainPut);
  // The fields of a message may come in any order, as long as those of one number keep theirs.
  return puts.every((put) => put !== null) ? Buffer.concat([encode(rest), packPuts(puts)]) : encode(request);
}

type PlainPut = {
  readonly key: Buffer;
  readonly value: Buffer;
  /** 0: none. */
  readonly lease: bigint;
  /** Of the PutRequest, without its own tag and length. */
  readonly size: number;
};

function plainPut(op: IRequestOp): PlainPut | null {
  const put = Object.keys(op).length === 1 ? op.request_put : undefined;
  if (put === undefined) return null;
  for (const name of Object.keys(put)) if (!KNOWN.has(name)) return null;
  const { key, value, lease = "0" }: IPutRequest = put;
  if (!Buffer.isBuffer(key) || !Buffer.isBuffer(value)) return null;
  const number = lease === "0" ? 0n : BigInt.asUintN(64, BigInt(lease));
  const size = sizeOfField(key.length) + sizeOfField(value.length) + (number === 0n ? 0 : sizeOfNumber(number));
  return { key, value, lease: number, size };
}

function packPuts(puts: readonly PlainPut[]): Buffer {
  const writer = new WireWriter(puts.reduce((sum, { size }) => sum + sizeOfField(sizeOfField(size)), 0));
  for (const { key, value, lease, size } of puts) {
    writer.tag(TXN_SUCCESS);
    writer.length(sizeOfField(size));
    writer.tag(OP_PUT);
    writer.length(size);
    writer.tag(PUT_KEY);
    writer.bytes(key);
    writer.tag(PUT_VALUE);
    writer.bytes(value);
    if (lease === 0n) continue;
    writer.tag(PUT_LEASE);
    writer.number(lease);
  }
  return writer.finish();
}
