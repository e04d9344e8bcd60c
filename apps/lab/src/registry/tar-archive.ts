import { gzipSync } from "node:zlib";

/** One entry of an archive; directories end in a slash, links have a target. */
export type TarEntry = {
  readonly path: string;
  readonly mode: number;
  readonly content?: Buffer;
  readonly target?: string;
};

const BLOCK = 512;

/** A gzipped ustar archive owned by root, with no times in it: the same entries give the same bytes. @see POSIX.1-2024 pax "ustar Interchange Format" */
export function renderTarball(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = entry.content ?? Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 6 });
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): number =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "ascii");
  if (Buffer.byteLength(entry.path) > 100) throw new RangeError(`path longer than ustar's 100 bytes: ${entry.path}`);
  block.write(entry.path, 0);
  octal(entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.fill(" ", 148, 156);
  block.write(typeOf(entry), 156);
  block.write(entry.target ?? "", 157);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return block;
}

function typeOf(entry: TarEntry): string {
  if (entry.target !== undefined) return "2";
  return entry.path.endsWith("/") ? "5" : "0";
}
