/** `-` for what is nothing. */
export function orDash(text: string | number | null | undefined): string {
  return text === null || text === undefined || text === "" ? "-" : String(text);
}

/** The first 8 hex digits of an id or hash and `...`, as fleetctl prints them; whole with `--full`, `-` for nothing. */
export function shorten(id: string | null, full: boolean): string {
  if (id === null || id === "") return "-";
  return full || id.length <= 8 ? id : `${id.slice(0, 8)}...`;
}

/** `8hex.../IP`. */
export function machineCell(machine: string | null, ip: string | null, full: boolean): string {
  if (machine === null) return "-";
  return ip === null || ip === "" ? shorten(machine, full) : `${shorten(machine, full)}/${ip}`;
}

/** `role=worker,zone=a`, in key order. */
export function metadataCell(metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return orDash(pairs.map(([key, value]) => `${key}=${value}`).join(","));
}
