import { refuse, succeed, type Result } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

const UNITS: Readonly<Record<string, number>> = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const MOST = 2 ** 50;

/** `512M`, `1.5G`: bytes, a suffix counts in powers of 1024 as systemd's `MemoryMax=` does; from 1 MiB to 1 PiB. The result is in MiB, rounded up. */
export function parseMebibytes(text: string): Result<number> {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)([BKMGT]?)$/.exec(text);
  const bytes =
    match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] === "" ? "B" : (match[2] ?? "")] ?? Number.NaN);
  if (bytes >= 2 ** 20 && bytes <= MOST) return succeed(Math.ceil(bytes / 2 ** 20));
  return refuse(unitFault(`${JSON.stringify(text)} is not an amount of memory from 1M to 1024T`, "512M"));
}

/** `0.5` or `50%`: processor cores, from 0.01 to 1024. */
export function parseCores(text: string): Result<number> {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(%?)$/.exec(text);
  const cores = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (cores >= 0.01 && cores <= 1024) return succeed(cores);
  return refuse(unitFault(`${JSON.stringify(text)} is not a number of processor cores from 0.01 to 1024`, "0.5"));
}
