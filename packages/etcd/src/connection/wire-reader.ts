/** Goes through the fields of one protobuf message. @throws {RangeError} at what no message of etcd's has @see https://protobuf.dev/programming-guides/encoding/ */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Number and type of the next field, as they are written: `number << 3 | type`. */
  tag(): number {
    return this.#byte();
  }

  /** Where the next bytes or message begin and end; goes past them. */
  span(): readonly [from: number, end: number] {
    const size = this.#size();
    const from = this.#at;
    if (from + size > this.#end) throw new RangeError("a field is longer than its message");
    this.#at = from + size;
    return [from, this.#at];
  }

  /** The next bytes, not copied. */
  bytes(): Buffer {
    return this.#bytes.subarray(...this.span());
  }

  /** A 64-bit number with sign, in decimal. */
  int64(): string {
    const from = this.#at;
    let low = 0;
    // Seven times seven bits are exact in a number.
    for (let scale = 1; scale < 2 ** 49; scale *= 0x80) {
      const byte = this.#byte();
      low += (byte & 0x7f) * scale;
      if (byte < 0x80) return String(low);
    }
    let high = 0n;
    for (let shift = 0n; this.#at - from < 10; shift += 7n) {
      const byte = this.#byte();
      high |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (high << 49n) | BigInt(low)).toString();
    }
    throw new RangeError("a number is too long");
  }

  /** Goes past the value of a field. */
  skip(tag: number): void {
    if ((tag & 7) === 0) this.int64();
    else if ((tag & 7) === 2) this.span();
    else throw new RangeError(`a field has type ${tag & 7}`);
  }

  #size(): number {
    const first = this.#byte();
    return first < 0x80 ? first : this.#longSize(first & 0x7f);
  }

  #longSize(low: number): number {
    let size = low;
    for (let scale = 0x80; scale < 2 ** 35; scale *= 0x80) {
      const byte = this.#byte();
      size += (byte & 0x7f) * scale;
      if (byte < 0x80) return size;
    }
    throw new RangeError("a length is too long");
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined;
    if (byte === undefined) throw new RangeError("a message ends early");
    this.#at += 1;
    return byte;
  }
}
