import { decodeIgnition } from "./decode-ignition.ts";
import { invalidConfig } from "./diagnostic.ts";
import type { IgnitionConfig } from "./spec.ts";

/**
 * Canonical JSON: keys sorted, two spaces, a newline at the end, so that equal configs are equal bytes with one hash.
 * @throws {CodedError} INVALID_CONFIG when the config would be refused by a machine.
 */
export function renderIgnition(config: IgnitionConfig): string {
  const decoded = decodeIgnition(config);
  if (!decoded.ok) throw invalidConfig("Ignition config", decoded.error);
  return `${JSON.stringify(decoded.value, sortKeys, 2)}\n`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
