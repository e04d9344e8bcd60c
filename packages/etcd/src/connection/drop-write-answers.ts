/** Protobuf's tags of TxnResponse's `responses`, and of ResponseOp's `response_put` and `response_delete_range`. @see etcd api/etcdserverpb/rpc.proto */
const RESPONSES = 0x1a;
const PUT = 0x12;
const DELETE = 0x1a;

const VARINT = 0;
const BYTES = 2;

/**
 * A TxnResponse without the answers to its puts and deletions, which say nothing that is not in its header: unpacking 128 of them costs more than
 * sending the 128 keys. The answers to its reads stay, in their order. What is not understood is left to the real decoder.
 */
export function dropWriteAnswers(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  let keptFrom = 0;
  for (let at = 0; at < bytes.length;) {
    const field = fieldAt(bytes, at);
    if (field === null) return bytes;
    const what = bytes[field.content];
    if (bytes[at] === RESPONSES && field.content < field.end && (what === PUT || what === DELETE)) {
      if (keptFrom < at) kept.push(bytes.subarray(keptFrom, at));
      keptFrom = field.end;
    }
    at = field.end;
  }
  if (keptFrom === 0) return bytes;
  return Buffer.concat([...kept, bytes.subarray(keptFrom)]);
}

type Field = { readonly content: number; readonly end: number };

/** Where the field whose tag stands at `at` has its content and its end; null for what no TxnResponse has. */
function fieldAt(bytes: Buffer, at: number): Field | null {
  const tag = bytes[at] ?? 0;
  if (tag >= 0x80) return null;
  const value = varintAt(bytes, at + 1);
  if (value === null) return null;
  if ((tag & 7) === VARINT) return { content: at + 1, end: value.end };
  if ((tag & 7) !== BYTES || value.end + value.number > bytes.length) return null;
  return { content: value.end, end: value.end + value.number };
}

function varintAt(bytes: Buffer, at: number): { readonly number: number; readonly end: number } | null {
  let number = 0;
  for (let length = 0; length < 10; length += 1) {
    const byte = bytes[at + length];
    if (byte === undefined) return null;
    number += (byte & 0x7f) * 2 ** (7 * length);
    if (byte < 0x80) return { number, end: at + length + 1 };
  }
  return null;
}
