/** Writes the fields of protobuf messages into one buffer, whose size is known before. @see https://protobuf.dev/programming-guides/encoding/ */
export class WireWriter {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** Number and type of a field, as they are written, below 128: `number << 3 | type`. */
  tag(tag: number): void {
    this.#bytes[this.#at++] = tag;
  }

  /** How long the message is whose fields come next; up to 2^31. */
  length(length: number): void {
    let left = length;
    for (; left >= 0x80; left >>>= 7) this.#bytes[this.#at++] = (left & 0x7f) | 0x80;
    this.#bytes[this.#at++] = left;
  }

  bytes(value: Buffer): void {
    this.length(value.length);
    this.#at += value.copy(this.#bytes, this.#at);
  }

  /** A 64-bit number without sign. */
  number(value: bigint): void {
    let left = value;
    for (; left >= 0x80n; left >>= 7n) this.#bytes[this.#at++] = Number(left & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(left);
  }

  /** @throws {RangeError} when not as much was written as was announced */
  finish(): Buffer {
    if (this.#at !== this.#bytes.length)
      throw new RangeError(`${this.#at} of ${this.#bytes.length} bytes were written`);
    return this.#bytes;
  }
}

/** Of a field with a tag below 128 that holds so many bytes: tag, length, content. */
export const sizeOfField = (bytes: number): number => 1 + sizeOfVarint(bytes) + bytes;

/** Of a field with a tag below 128 that holds a 64-bit number without sign. */
export const sizeOfNumber = (value: bigint): number => 1 + Math.max(1, Math.ceil(value.toString(2).length / 7));

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let left = value; left >= 0x80; left >>>= 7) size += 1;
  return size;
}
