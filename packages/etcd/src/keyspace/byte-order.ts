const ABOVE_D800 = /[\ud800-\uffff]/;

/** Compares as etcd does, by the bytes in UTF-8: UTF-16 puts what lies above U+FFFF before U+E000 … U+FFFF. */
export function byteOrder(a: string, b: string): number {
  if (a === b) return 0;
  if (ABOVE_D800.test(a) && ABOVE_D800.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
