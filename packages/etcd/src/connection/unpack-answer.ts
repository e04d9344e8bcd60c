import type { IKeyValue, IRangeResponse } from "etcd3";
import type { RpcName } from "./rpcs.ts";
import { WireReader } from "./wire-reader.ts";

type Decode = (bytes: Buffer) => unknown;

/** Tags of messages, as the wire has them. @see etcd api/etcdserverpb/rpc.proto, api/mvccpb/kv.proto */
const RANGE_KVS = 0x12;
const TXN_RESPONSES = 0x1a;
const PUT = 0x12;
const DELETE = 0x1a;
const KEY = 0x0a;
const CREATE_REVISION = 0x10;
const MOD_REVISION = 0x18;
const VERSION = 0x20;
const VALUE = 0x2a;
const LEASE = 0x30;

/**
 * Unpacks an answer as `decode`, which is etcd3's, does, but for what there is a great deal of: key-values are unpacked here, which halves the
 * work of a long read, their keys and values being parts of `bytes`; and of a transaction's
 * answer those of its puts and deletions are left out, which say nothing that is not in its header. What is not understood is left to `decode`.
 */
export function unpackAnswer(name: RpcName, bytes: Buffer, decode: Decode): unknown {
  if (name !== "range" && name !== "txn") return decode(bytes);
  try {
    return name === "range" ? unpackRange(bytes, decode) : decode(without(bytes, isWriteAnswer).rest);
  } catch (error) {
    if (error instanceof RangeError) return decode(bytes);
    throw error;
  }
}

function unpackRange(bytes: Buffer, decode: Decode): IRangeResponse {
  const { rest, taken } = without(bytes, (tag) => tag === RANGE_KVS);
  const kvs = taken.map(([from, end]) => unpackKeyValue(new WireReader(bytes, from, end)));
  return { ...(decode(rest) as IRangeResponse), kvs };
}

function unpackKeyValue(reader: WireReader): IKeyValue {
  const kv: IKeyValue = {
    key: NONE,
    create_revision: "0",
    mod_revision: "0",
    version: "0",
    value: NONE,
    lease: "0",
  };
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === KEY) kv.key = reader.bytes();
    else if (tag === CREATE_REVISION) kv.create_revision = reader.int64();
    else if (tag === MOD_REVISION) kv.mod_revision = reader.int64();
    else if (tag === VERSION) kv.version = reader.int64();
    else if (tag === VALUE) kv.value = reader.bytes();
    else if (tag === LEASE) kv.lease = reader.int64();
    else reader.skip(tag);
  }
  return kv;
}

const NONE = Buffer.alloc(0);

const isWriteAnswer = (tag: number, first: number | undefined): boolean =>
  tag === TXN_RESPONSES && (first === PUT || first === DELETE);

type Split = { readonly rest: Buffer; readonly taken: readonly (readonly [from: number, end: number])[] };

/** The message without the fields of which `isTaken` says so by their tag and the first byte of their content; and where those contents are. */
function without(bytes: Buffer, isTaken: (tag: number, first: number | undefined) => boolean): Split {
  const taken: (readonly [number, number])[] = [];
  const kept: Buffer[] = [];
  let keptFrom = 0;
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const start = reader.at;
    const tag = reader.tag();
    if ((tag & 7) !== 2) {
      reader.skip(tag);
      continue;
    }
    const [from, end] = reader.span();
    if (!isTaken(tag, from < end ? bytes[from] : undefined)) continue;
    if (keptFrom < start) kept.push(bytes.subarray(keptFrom, start));
    keptFrom = end;
    taken.push([from, end]);
  }
  return { rest: taken.length === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(keptFrom)]), taken };
}
